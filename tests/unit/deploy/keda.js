// Validates one ScaledObject, given as JSON on the standard input, by the schema that KEDA publishes.
const { ScaledObject } = require("@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject");
new ScaledObject(JSON.parse(require("node:fs").readFileSync(0, "utf8"))).validate();
