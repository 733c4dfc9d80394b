// The number types of AssemblyScript, so that TypeScript can import assembly/abi.ts.
declare type u32 = number;
declare type u64 = number;
