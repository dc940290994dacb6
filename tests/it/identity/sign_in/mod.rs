//! Risk: a sign-in succeeds that should not, a code or an assertion is valid twice or for another client, or the
//! authority redirects people elsewhere. One file for each grant.

mod applications;
mod assertions;
mod codes;
mod devices;
mod discovery;
mod people;
mod place;
mod signer;
