//! Columns of exports of users and groups by title: those of Graph, of PowerShell, and of both admin centres. Must not
//! read values.

use strum::VariantArray as _;

use super::words::letters;

/// What a column of users, of groups or of members holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::VariantArray)]
pub(crate) enum DirectoryColumn {
    /// The id of the user, the member, or (in JSON) the group.
    Id,
    /// The user principal name.
    UserName,
    /// The display name: that of a group in JSON.
    DisplayName,
    /// The department.
    Department,
    /// The office location.
    Office,
    /// The city.
    City,
    /// The country.
    Country,
    /// The usage location, two letters.
    UsageLocation,
    /// In a list of members, the id of their group.
    GroupId,
    /// In a list of members, the name of their group.
    GroupName,
    /// What kind of member it is.
    MemberKind,
}

use DirectoryColumn::{
    City, Country, Department, DisplayName, GroupId, GroupName, Id, MemberKind, Office, UsageLocation, UserName,
};

impl DirectoryColumn {
    /// Its titles, normalised by [`letters`]. Entra's exports are English; those of the Microsoft 365 admin centre have
    /// the language of the reader.
    const fn titles(self) -> &'static [&'static str] {
        match self {
            Id => &[
                "id",
                "objectid",
                "userid",
                "userobjectid",
                "memberid",
                "memberobjectid",
                "objektid",
                "iddobjet",
                "iddobjeto",
                "iddeobjeto",
            ],
            UserName => &[
                "userprincipalname",
                "upn",
                "userupn",
                "memberupn",
                "memberuserprincipalname",
                "benutzerprinzipalname",
                "nomdutilisateurprincipal",
                "nomprincipaldelutilisateur",
                "nombreprincipaldeusuario",
                "nombreprincipaldelusuario",
            ],
            DisplayName => &["displayname"],
            Department => &["department", "abteilung", "service", "departement", "departamento"],
            Office => &["officelocation", "physicaldeliveryofficename", "office", "buro", "bureau", "oficina"],
            City => &["city", "ort", "stadt", "ville", "ciudad"],
            Country => &[
                "country",
                "countryorregion",
                "countryregion",
                "land",
                "landregion",
                "landoderregion",
                "pays",
                "paysregion",
                "paysourregion",
                "pais",
                "paisregion",
                "paisoregion",
            ],
            UsageLocation => &[
                "usagelocation",
                "nutzungsstandort",
                "verwendungsstandort",
                "lieudutilisation",
                "emplacementdutilisation",
                "ubicaciondeuso",
            ],
            GroupId => &["groupid", "groupobjectid", "gruppenid", "iddegroupe", "iddugroupe", "iddegrupo"],
            GroupName => &[
                "group",
                "groupname",
                "groupdisplayname",
                "gruppe",
                "gruppenname",
                "groupe",
                "nomdugroupe",
                "grupo",
                "nombredelgrupo",
            ],
            MemberKind => &["odatatype", "objecttype", "membertype"],
        }
    }

    /// The column of a title; letter case, accents, spaces and signs are ignored.
    pub(crate) fn of(title: &str) -> Option<Self> {
        let plain = letters(title);
        Self::VARIANTS.iter().copied().find(|column| column.titles().contains(&plain.as_str()))
    }

    /// Whether a column of this title names a user.
    pub(crate) fn names_a_user(title: &str) -> bool {
        matches!(Self::of(title), Some(Id | UserName))
    }

    /// Whether a column of this title names the group of a member.
    pub(crate) fn names_a_group(title: &str) -> bool {
        matches!(Self::of(title), Some(GroupId | GroupName))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_means_one_column() {
        let mut seen = std::collections::BTreeMap::new();
        for column in DirectoryColumn::VARIANTS {
            for title in column.titles() {
                assert_eq!(letters(title), *title);
                assert_eq!(seen.insert(*title, column), None, "{title} of {column:?}");
            }
        }
    }

    #[test]
    fn titles_are_known_as_each_tool_writes_them() {
        for (title, column) in [
            ("userPrincipalName", UserName),
            ("User principal name", UserName),
            ("objectId", Id),
            ("Object Id", Id),
            ("physicalDeliveryOfficeName", Office),
            ("Büro", Office),
            ("Usage location", UsageLocation),
            ("Country/Region", Country),
            ("@odata.type", MemberKind),
            ("Member type", MemberKind),
            ("GroupDisplayName", GroupName),
        ] {
            assert_eq!(DirectoryColumn::of(title), Some(column), "{title}");
        }
        assert_eq!(DirectoryColumn::of("userType"), None, "Member and Guest, of users");
    }
}
