// `node http2_body.mjs URL PATH stalls|ends`: sends less of a body than was announced, by HTTP/2, and prints the
// status of the answer.

import { connect } from "node:http2";

const [, , url, path, after] = process.argv;
const session = connect(url);
const call = session.request({ ":method": "POST", ":path": path, "content-length": 1000 });
call.on("response", (head) => console.log(head[":status"]));
call.on("close", () => session.destroy());
call.write("--BB");
if (after === "ends") call.end();
call.resume();
