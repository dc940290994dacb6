//! The tenants of a server, and which of them a token opens. A token must not reveal anything about other tenants.

use std::collections::HashMap;
use std::sync::Arc;

use dashmap::DashMap;
use uuid::Uuid;

use super::authority::SignIn;
use super::face::Face;
use crate::metrics::{Board, RouteLabel as HttpRoute, Status};
use crate::server::identity::{Bearer, Checked, Claimed, Distrust, Trust};

/// Checked tokens that are cached, at most, so that a frequent one is not checked again; above the limit, all are
/// checked anew.
const TOKENS_KEPT_MAX: usize = 10_000;

/// Why these tenants cannot be served together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TenantsError {
    /// There are none.
    #[error("a server has at least one tenant")]
    None,
    /// Two have the same id.
    #[error("two of them are the tenant `{name}`")]
    Twice {
        /// Its name.
        name: String,
    },
}

/// The tenants of a server and the foreign issuers that they trust.
#[derive(Debug)]
pub struct Tenants {
    /// In the given order.
    faces: Vec<Arc<Face>>,
    places: HashMap<Uuid, usize>,
    trusts: Vec<Trust>,
    board: Option<Arc<Board>>,
    sign_in: SignIn,
    trusted: DashMap<String, Admitted>,
}

/// A request's tenant and bearer, from a trusted token.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    /// The tenant that the token opens.
    pub(crate) face: Arc<Face>,
    /// The bearer of the token.
    pub(crate) bearer: Arc<Bearer>,
    /// When the token expires, in Unix seconds.
    expires: u64,
}

impl Admitted {
    fn new(face: &Arc<Face>, checked: Checked) -> Self {
        Self { face: Arc::clone(face), bearer: Arc::new(checked.bearer), expires: checked.expires }
    }
}

impl Tenants {
    /// The tenants of a server and the foreign issuers whose tokens open them; requests are counted on the board, if
    /// there is one.
    ///
    /// # Errors
    /// See [`TenantsError`].
    pub fn new(faces: Vec<Arc<Face>>, trusts: Vec<Trust>, board: Option<Arc<Board>>) -> Result<Self, TenantsError> {
        if faces.is_empty() {
            return Err(TenantsError::None);
        }
        let mut places = HashMap::new();
        for (at, face) in faces.iter().enumerate() {
            if places.insert(face.id(), at).is_some() {
                return Err(TenantsError::Twice { name: face.name().to_owned() });
            }
        }
        Ok(Self { faces, places, trusts, board, sign_in: SignIn::default(), trusted: DashMap::new() })
    }

    /// Adds the authority's state: domains, and accounts that sign in without a person.
    #[must_use]
    pub fn signing_in(self, sign_in: SignIn) -> Self {
        Self { sign_in, ..self }
    }

    pub(crate) const fn sign_in(&self) -> &SignIn {
        &self.sign_in
    }

    /// Every tenant, in the given order.
    pub fn all(&self) -> &[Arc<Face>] {
        &self.faces
    }

    /// The tenant with this id.
    pub fn find(&self, id: Uuid) -> Option<&Arc<Face>> {
        self.places.get(&id).map(|at| &self.faces[*at])
    }

    /// The tenant with this id or name, as it is written in the address of a token endpoint.
    pub fn called(&self, key: &str) -> Option<&Arc<Face>> {
        let by_id = Uuid::try_parse(key).ok().and_then(|id| self.find(id));
        by_id.or_else(|| self.faces.iter().find(|face| face.name() == key))
    }

    /// Checks a token and finds its tenant, at `now` in Unix seconds.
    pub(crate) fn admit(&self, token: &str, now: u64) -> Result<Admitted, Distrust> {
        if let Some(known) = self.trusted.get(token)
            && known.expires > now
        {
            return Ok(known.clone());
        }
        let admitted = self.check(token)?;
        if self.trusted.len() >= TOKENS_KEPT_MAX {
            self.trusted.clear();
        }
        self.trusted.insert(token.to_owned(), admitted.clone());
        Ok(admitted)
    }

    fn check(&self, token: &str) -> Result<Admitted, Distrust> {
        let claimed = Claimed::by(token);
        let foreign = self.trusts.iter().find(|trust| claimed.issuer.as_deref() == Some(trust.issuer()));
        if let Some(trust) = foreign {
            let (tenant, checked) = trust.check(token)?;
            let face = self.faces.iter().find(|face| face.name() == tenant).ok_or(Distrust::Issuer)?;
            return Ok(Admitted::new(face, checked));
        }
        // A token of an unknown tenant is checked like any other, so that a forged one does not reveal which tenants
        // exist.
        let face = claimed.tenant.and_then(|id| self.find(id)).unwrap_or(&self.faces[0]);
        Ok(Admitted::new(face, face.issuer.check(token)?))
    }

    /// Counts an answered request.
    pub(crate) fn answered(&self, route: HttpRoute, status: u16, took_us: u64) {
        if let Some(board) = &self.board {
            board.answered(route, Status::of(status), took_us);
        }
    }
}
