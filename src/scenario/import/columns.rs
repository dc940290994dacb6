//! Columns of exports by title: those of Graph, of the Reports API, and of the admin centre in four languages. Must not
//! read values.

use super::export::DeviceField;
use super::words::letters;

/// The form of a column's values, relative to that of Graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ColumnForm {
    /// As Graph has them.
    Plain,
    /// A moment, with or without `T` and zone.
    Moment,
    /// Yes or no, in words.
    Flag,
    /// A size in MiB; Graph has bytes.
    Mebibytes,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    /// The field of the fleet, if the model uses it.
    pub(crate) field: Option<DeviceField>,
    /// The property of Graph under which it is shown.
    pub(crate) property: Option<&'static str>,
    /// Its form.
    pub(crate) form: ColumnForm,
    /// It is the localised twin of a column with codes.
    pub(crate) is_localised: bool,
}

/// A property of Graph: its field of the fleet, the form of its columns, and their titles beside its own name.
struct Known(&'static str, Option<DeviceField>, ColumnForm, &'static [&'static str]);

use ColumnForm::{Flag, Mebibytes, Moment, Plain};

/// Every known column. Titles are normalised by [`letters`]; English first, then French, German and Spanish.
static KNOWN: &[Known] = &[
    Known(
        "id",
        Some(DeviceField::Id),
        Plain,
        &[
            "deviceid",
            "manageddeviceid",
            "intunedeviceid",
            "iddelappareil",
            "iddappareil",
            "identifiantdelappareil",
            "gerateid",
            "iddedispositivo",
            "iddeldispositivo",
            "identificadordedispositivo",
        ],
    ),
    Known(
        "userPrincipalName",
        Some(DeviceField::UserName),
        Plain,
        &[
            "primaryuserupn",
            "upn",
            "upndelutilisateurprincipal",
            "upnutilisateurprincipal",
            "primarerbenutzerupn",
            "upndesprimarenbenutzers",
            "benutzerprinzipalname",
            "upndelusuarioprincipal",
            "upndeusuarioprincipal",
        ],
    ),
    Known(
        "userId",
        Some(DeviceField::UserId),
        Plain,
        &["iddelutilisateur", "idutilisateur", "benutzerid", "iddeusuario", "iddelusuario"],
    ),
    Known(
        "operatingSystem",
        Some(DeviceField::System),
        Plain,
        &["os", "systemedexploitation", "betriebssystem", "sistemaoperativo", "so"],
    ),
    Known("deviceType", Some(DeviceField::Kind), Plain, &["typedappareil", "geratetyp", "tipodedispositivo"]),
    Known("model", Some(DeviceField::Model), Plain, &["modele", "modell", "modelo"]),
    Known(
        "deviceEnrollmentType",
        Some(DeviceField::Enrollment),
        Plain,
        &["enrollmenttype", "typedinscription", "registrierungstyp", "tipodeinscripcion"],
    ),
    Known(
        "enrolledByUserPrincipalName",
        Some(DeviceField::EnrolledBy),
        Plain,
        &[
            "enrolledbyuserupn",
            "inscritparlupndelutilisateur",
            "upndelutilisateurinscripteur",
            "registriertvonbenutzerupn",
            "inscritoporupndeusuario",
        ],
    ),
    Known(
        "managementAgent",
        Some(DeviceField::Agent),
        Plain,
        &["managementagents", "managedby", "gerepar", "verwaltetvon", "administradopor"],
    ),
    Known(
        "managedDeviceOwnerType",
        Some(DeviceField::Owner),
        Plain,
        &["ownertype", "ownership", "propriete", "proprietaire", "besitz", "eigentum", "propiedad"],
    ),
    Known(
        "deviceName",
        None,
        Plain,
        &["nomdelappareil", "nomdappareil", "geratename", "nombredeldispositivo", "nombrededispositivo"],
    ),
    Known(
        "managedDeviceName",
        None,
        Plain,
        &["managementname", "nomdegestion", "verwaltungsname", "nombredeadministracion"],
    ),
    Known("serialNumber", None, Plain, &["numerodeserie", "seriennummer"]),
    Known("manufacturer", None, Plain, &["fabricant", "hersteller", "fabricante"]),
    Known(
        "osVersion",
        None,
        Plain,
        &["versiondusystemedexploitation", "versiondelos", "betriebssystemversion", "versiondelsistemaoperativo"],
    ),
    Known(
        "enrolledDateTime",
        None,
        Moment,
        &["enrollmentdate", "createddate", "datedinscription", "registrierungsdatum", "fechadeinscripcion"],
    ),
    Known(
        "lastSyncDateTime",
        None,
        Moment,
        &[
            "lastcheckin",
            "lastcontact",
            "dernierenregistrement",
            "derniereconnexion",
            "letztercheckin",
            "ultimaconexion",
            "ultimasincronizacion",
        ],
    ),
    Known("complianceState", None, Plain, &["compliance", "compliant", "conformite", "konformitat", "cumplimiento"]),
    Known(
        "azureADDeviceId",
        None,
        Plain,
        &[
            "referenceid",
            "microsoftentradeviceid",
            "entradeviceid",
            "iddappareilazuread",
            "azureadgerateid",
            "iddedispositivodeazuread",
        ],
    ),
    Known("azureADRegistered", None, Flag, &["microsoftentraregistered"]),
    Known("emailAddress", None, Plain, &["primaryuseremailaddress", "useremail"]),
    Known("userDisplayName", None, Plain, &["primaryuserdisplayname", "username"]),
    Known("easDeviceId", None, Plain, &["easactivationid", "easid"]),
    Known("easActivated", None, Flag, &["easactivationstatus"]),
    Known("easActivationDateTime", None, Moment, &[]),
    Known("exchangeLastSuccessfulSyncDateTime", None, Moment, &["lasteassynctime", "easlastsyncsuccessutc"]),
    Known("exchangeAccessState", None, Plain, &["easstatus", "easaccessstate"]),
    Known("exchangeAccessStateReason", None, Plain, &["easreason", "easstatereason"]),
    Known(
        "complianceGracePeriodExpirationDateTime",
        None,
        Moment,
        &["compliancegraceperiodexpiration", "ingraceperioduntil"],
    ),
    Known("managementCertificateExpirationDate", None, Moment, &["certexpirationdate"]),
    Known("androidSecurityPatchLevel", None, Plain, &["securitypatchlevel", "androidpatchlevel"]),
    Known("wiFiMacAddress", None, Plain, &["wifimac"]),
    Known("ethernetMacAddress", None, Plain, &["ethernetmac"]),
    Known("imei", None, Plain, &[]),
    Known("meid", None, Plain, &[]),
    Known("iccid", None, Plain, &[]),
    Known("udid", None, Plain, &[]),
    Known("phoneNumber", None, Plain, &[]),
    Known("subscriberCarrier", None, Plain, &["subscribercarriernetwork"]),
    Known("totalStorageSpaceInBytes", None, Plain, &[]),
    Known("freeStorageSpaceInBytes", None, Plain, &[]),
    Known("totalStorageSpaceInBytes", None, Mebibytes, &["totalstorage", "storagetotal"]),
    Known("freeStorageSpaceInBytes", None, Mebibytes, &["freestorage", "storagefree"]),
    Known("physicalMemoryInBytes", None, Plain, &[]),
    Known(
        "deviceCategoryDisplayName",
        None,
        Plain,
        &["category", "categoryname", "categorie", "kategorie", "categoria"],
    ),
    Known("deviceRegistrationState", None, Plain, &[]),
    Known("managementState", None, Plain, &["devicestate"]),
    Known("isSupervised", None, Flag, &["supervised", "supervisedstatus"]),
    Known("isEncrypted", None, Flag, &["encrypted", "encryptionstatus"]),
    Known("jailBroken", None, Plain, &[]),
    Known("notes", None, Plain, &[]),
    Known("skuFamily", None, Plain, &[]),
    Known("joinType", None, Plain, &[]),
    Known("processorArchitecture", None, Plain, &[]),
    Known("enrollmentProfileName", None, Plain, &[]),
    Known("partnerReportedThreatState", None, Plain, &[]),
    Known("remoteAssistanceSessionUrl", None, Plain, &[]),
    Known("hardwareProduct", Some(DeviceField::Product), Plain, &["productname"]),
];

/// The ending of the localised twin of a column.
const LOCALISED: &str = "_loc";

impl Column {
    /// The column of a title; letter case, accents, spaces and signs are ignored, because exports differ in them.
    pub(crate) fn of(title: &str) -> Option<Self> {
        let title = title.trim();
        let (base, is_localised) =
            match title.len().checked_sub(LOCALISED.len()).and_then(|at| title.split_at_checked(at)) {
                Some((base, end)) if end.eq_ignore_ascii_case(LOCALISED) => (base, true),
                _ => (title, false),
            };
        let plain = letters(base);
        let is_called = |known: &&Known| known.3.contains(&plain.as_str()) || known.0.eq_ignore_ascii_case(&plain);
        let Known(property, field, form, _) = KNOWN.iter().find(is_called)?;
        // A field of the fleet in another form than Graph's is not shown in the export's form.
        let hidden = is_localised
            || matches!(field, Some(DeviceField::Id | DeviceField::System | DeviceField::Kind | DeviceField::Product));
        Some(Self { field: *field, property: (!hidden).then_some(*property), form: *form, is_localised })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_means_one_column() {
        let mut seen = std::collections::BTreeMap::new();
        for Known(property, _, form, titles) in KNOWN {
            let own = if *form == Mebibytes { None } else { Some(letters(property)) };
            for title in titles.iter().map(ToString::to_string).chain(own) {
                assert_eq!(letters(&title), title, "{property}");
                assert_eq!(seen.insert(title.clone(), property), None, "{title} of {property}");
            }
        }
    }

    #[test]
    fn titles_are_known_in_all_their_forms() {
        for (title, field, property) in [
            ("Device ID", Some(DeviceField::Id), None),
            ("Geräte-ID", Some(DeviceField::Id), None),
            ("Primary user UPN", Some(DeviceField::UserName), Some("userPrincipalName")),
            ("Système d'exploitation", Some(DeviceField::System), None),
            ("OwnerType", Some(DeviceField::Owner), Some("managedDeviceOwnerType")),
            ("OwnerType_loc", Some(DeviceField::Owner), None),
            ("Numéro de série", None, Some("serialNumber")),
            ("Azure AD Device ID", None, Some("azureADDeviceId")),
            ("wiFiMacAddress", None, Some("wiFiMacAddress")),
        ] {
            let column = Column::of(title).unwrap_or_else(|| panic!("{title}"));
            assert_eq!((column.field, column.property), (field, property), "{title}");
        }
        assert_eq!(Column::of("Colour"), None);
        assert_eq!(Column::of("_loc"), None);
        assert_eq!(Column::of(""), None);
    }
}
