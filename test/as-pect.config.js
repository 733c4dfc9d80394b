// as-pect compiles each spec with the core's sources into a binary of its own: for what cannot be reached from outside.
export default {
  entries: ["test/assembly/*.spec.ts"],
  include: ["node_modules/@as-pect/assembly/assembly/index.ts"],
  disclude: [],
  async instantiate(memory, createImports, instantiate, binary) {
    return instantiate(binary, createImports({ env: { memory } }));
  },
  outputBinary: false,
};
