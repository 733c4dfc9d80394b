/* In place of what xxd makes. */
static unsigned char dialward_wasm[1];
static const unsigned int dialward_wasm_len = 1;
