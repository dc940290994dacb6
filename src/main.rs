//! The program: chooses the allocator and hands over to `cli`. Must not contain anything else.

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    reveille::cli::main()
}
