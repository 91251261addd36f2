// `node validate_asyncapi.mjs FILE`: says what is wrong with an AsyncAPI document, one line each; exit code 1 if anything is.
import { Parser, fromFile } from "@asyncapi/parser";

const { document, diagnostics } = await fromFile(new Parser(), process.argv[2]).parse();
const grave = diagnostics.filter(({ severity }) => severity <= 1); // errors and warnings
for (const { path, message } of grave) console.log(`${path.join("/")}: ${message}`);
if (document) console.log(`${document.channels().all().length} channels`);
process.exitCode = document && grave.length === 0 ? 0 : 1;
