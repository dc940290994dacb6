//! Names of accounts: how one is written as a user principal name, and which account a given name means.

use crate::rules::service::access::DOMAIN;

/// The user principal name of an account or a user in a tenant of this domain: the name itself, if it is one already.
pub fn principal_name(name: &str, domain: &str) -> String {
    if name.contains('@') {
        return name.to_owned();
    }
    let plain = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '.' };
    format!("{}@{domain}", name.chars().map(plain).collect::<String>())
}

/// The account that is meant: by its name, its principal name, or its principal name at a domain of the tenant; letter
/// case is ignored.
pub fn find_account<'a>(
    accounts: &(impl Iterator<Item = &'a str> + Clone),
    domains: &[String],
    given: &str,
) -> Option<&'a str> {
    let given = given.trim().to_lowercase();
    let by = |spelled: &dyn Fn(&str) -> bool| accounts.clone().find(|account| spelled(account));
    let in_domain = |account: &str| {
        let principal = principal_name(account, DOMAIN).to_lowercase();
        let local = principal.split('@').next().unwrap_or_default();
        given.split_once('@').is_some_and(|(name, domain)| {
            name == local && domains.iter().any(|known| known.eq_ignore_ascii_case(domain))
        })
    };
    by(&|account| account.to_lowercase() == given)
        .or_else(|| by(&|account| principal_name(account, DOMAIN).to_lowercase() == given))
        .or_else(|| by(&in_domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_several_spellings_and_other_names_match_none() {
        let accounts = ["administrator", "help desk", "cid@small.example"];
        let domains = ["contoso.example".to_owned()];
        let find = |given: &str| find_account(&accounts.into_iter(), &domains, given);
        for (given, found) in [
            ("administrator", "administrator"),
            ("Administrator@Reveille.example", "administrator"),
            ("administrator@CONTOSO.example", "administrator"),
            ("help.desk@reveille.example", "help desk"),
            ("CID@small.example", "cid@small.example"),
            ("cid@contoso.example", "cid@small.example"),
        ] {
            assert_eq!(find(given), Some(found), "{given}");
        }
        for given in ["", "@", "administrator@other.example", "cid", "@contoso.example"] {
            assert_eq!(find(given), None, "{given}");
        }
    }
}
