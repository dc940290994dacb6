//! Room `identity`, level 1. Door sign: who signs tokens, who holds them and what they grant; judges no send, touches no file.

mod error;
mod key;
mod claims;
mod issuer;
mod bearer;
mod client;
mod grant;
mod foreign_claims;
mod foreign_key;
mod trust;
mod certificate;
mod local_ca;

pub use bearer::{Bearer, id_of};
pub use certificate::ServerCertificate;
pub use claims::{AUDIENCE, Claimed, Claims};
pub use client::{Client, Clients, SECRET_CHARACTERS_MIN};
pub use error::{Distrust, IdentityError};
pub use grant::{Deed, Grants, PERMISSIONS};
pub use issuer::{Checked, Issuer, TOKEN_SECONDS};
pub use key::SigningKey;
pub use local_ca::LocalCa;
pub use trust::{Trust, TrustPlan};
