//! The program: chooses the allocator and hands over to `cli`. Nothing else may stand here.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    reveille::cli::main()
}
