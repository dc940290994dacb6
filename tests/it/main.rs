//! One test binary, one file per risk. A risk is a promise that could be broken silently.

mod tidy;
