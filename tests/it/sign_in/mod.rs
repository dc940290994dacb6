//! Risk: somebody signs in who may not, a code or an assertion is good twice or for somebody else, or the authority leads people
//! elsewhere. One file per grant.

mod applications;
mod assertions;
mod codes;
mod devices;
mod discovery;
mod people;
mod place;
mod signer;
