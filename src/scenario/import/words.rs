//! Words and codes of exports: the platform, enrolment, agent and owner of each, in Graph, the Reports API and the
//! admin centre.

use crate::rules::base::platform::Platform;
use crate::rules::population::traits::Enrollment;

/// Numbers of Graph's `managementAgentType`, as the Reports API writes them.
const AGENTS: [(&str, &str); 12] = [
    ("1", "eas"),
    ("2", "mdm"),
    ("3", "easMdm"),
    ("4", "intuneClient"),
    ("5", "easIntuneClient"),
    ("8", "configurationManagerClient"),
    ("10", "configurationManagerClientMdm"),
    ("11", "configurationManagerClientMdmEas"),
    ("16", "unknown"),
    ("32", "jamf"),
    ("64", "googleCloudDevicePolicyController"),
    ("1024", "msSense"),
];
/// Numbers of Graph's `deviceEnrollmentType`.
const ENROLLMENTS: [(&str, &str); 17] = [
    ("0", "unknown"),
    ("1", "userEnrollment"),
    ("2", "deviceEnrollmentManager"),
    ("3", "appleBulkWithUser"),
    ("4", "appleBulkWithoutUser"),
    ("5", "windowsAzureADJoin"),
    ("6", "windowsBulkUserless"),
    ("7", "windowsAutoEnrollment"),
    ("8", "windowsBulkAzureDomainJoin"),
    ("9", "windowsCoManagement"),
    ("10", "windowsAzureADJoinUsingDeviceAuth"),
    ("11", "appleUserEnrollment"),
    ("12", "appleUserEnrollmentWithServiceAccount"),
    ("15", "androidEnterpriseDedicatedDevice"),
    ("16", "androidEnterpriseFullyManaged"),
    ("17", "androidEnterpriseCorporateWorkProfile"),
    ("19", "androidAOSPUserOwnedDeviceEnrollment"),
];
/// Numbers of Graph's `ownerType`.
const OWNERS: [(&str, &str); 3] = [("0", "unknown"), ("1", "company"), ("2", "personal")];
/// Numbers of Graph's `deviceType` that correspond to a platform here.
const KINDS: [(&str, &str); 12] = [
    ("0", "desktop"),
    ("1", "windowsRT"),
    ("5", "mac"),
    ("8", "iPhone"),
    ("9", "iPad"),
    ("10", "iPod"),
    ("11", "android"),
    ("14", "macMDM"),
    ("16", "surfaceHub"),
    ("17", "androidForWork"),
    ("18", "androidEnterprise"),
    ("20", "androidnGMS"),
];

/// The word of a code; a word is returned as it is.
pub(crate) fn agent_word(code: &str) -> &str {
    word_of(&AGENTS, code)
}

/// The same for an enrolment.
pub(crate) fn enrollment_word(code: &str) -> &str {
    word_of(&ENROLLMENTS, code)
}

/// The same for an owner.
pub(crate) fn owner_word(code: &str) -> &str {
    word_of(&OWNERS, code)
}

fn word_of<'c>(words: &[(&str, &'static str)], code: &'c str) -> &'c str {
    words.iter().find(|(number, _)| *number == code).map_or(code, |(_, word)| word)
}

/// The platform of a system's name. One name of the admin centre covers iPhones and iPads; then, and for an iPad under
/// the name `iOS`, the hints decide: its model, its product, its kind of device.
pub(crate) fn platform(system: &str, hints: &[&str]) -> Option<Platform> {
    let system = system.to_lowercase();
    let name = system.split_once('(').map_or(system.as_str(), |(name, _)| name).trim();
    Some(match name {
        "ios" if apple(hints) == Some(Platform::Ipados) => Platform::Ipados,
        "ios" => Platform::Ios,
        "ipados" => Platform::Ipados,
        "ios/ipados" => return apple(hints),
        "android" | "android enterprise" | "androidenterprise" | "androidforwork" => Platform::Android,
        "macos" | "macmdm" | "mac" => Platform::Macos,
        "windows" => Platform::Windows,
        _ => return None,
    })
}

/// The platform of a kind of device, a word or a number of Graph's `deviceType`.
pub(crate) fn platform_of_kind(kind: &str) -> Option<Platform> {
    Some(match word_of(&KINDS, kind).to_lowercase().as_str() {
        "desktop" | "windowsrt" | "surfacehub" => Platform::Windows,
        "mac" | "macmdm" => Platform::Macos,
        "iphone" | "ipod" => Platform::Ios,
        "ipad" => Platform::Ipados,
        "android" | "androidforwork" | "androidenterprise" | "androidngms" => Platform::Android,
        _ => return None,
    })
}

fn apple(hints: &[&str]) -> Option<Platform> {
    let one = |hint: &&str| {
        let hint = word_of(&KINDS, hint).to_lowercase();
        let is = |name| hint.starts_with(name);
        if is("ipad") { Some(Platform::Ipados) } else { (is("iphone") || is("ipod")).then_some(Platform::Ios) }
    };
    hints.iter().find_map(one)
}

/// The enrolment contained in a system's name, as in `Android (dedicated)`.
pub(crate) fn enrollment_of_system(system: &str) -> Option<Enrollment> {
    enrollment(system.split_once('(')?.1.trim_end_matches(')'))
}

/// The enrolment of Android of a word of Graph or the portal.
pub(crate) fn enrollment(word: &str) -> Option<Enrollment> {
    Some(match letters(word).as_str() {
        "personallyownedworkprofile" | "androidenterprisepersonalworkprofile" => Enrollment::PersonalWorkProfile,
        "fullymanaged" | "corporateownedfullymanaged" | "androidenterprisefullymanaged" => Enrollment::FullyManaged,
        "corporateownedworkprofile" | "androidenterprisecorporateworkprofile" => Enrollment::CorporateWorkProfile,
        "dedicated" | "corporateowneddedicated" | "androidenterprisededicateddevice" => Enrollment::Dedicated,
        "aosp"
        | "androidaospuserowneddeviceenrollment"
        | "androidaospuserlessdeviceenrollment"
        | "androidaospuserassociateddeviceenrollment" => Enrollment::Aosp,
        _ => return None,
    })
}

/// Whether this agent means enrolment in MDM (R29).
pub(crate) fn is_mdm(agent: &str) -> Option<bool> {
    Some(match letters(agent_word(agent)).as_str() {
        "mdm"
        | "easmdm"
        | "intuneclient"
        | "easintuneclient"
        | "configurationmanagerclientmdm"
        | "configurationmanagerclientmdmeas"
        | "googleclouddevicepolicycontroller"
        | "intune"
        | "comanaged"
        | "coverwaltet"
        | "cogere"
        | "mdmeas" => true,
        "eas" | "configurationmanagerclient" | "configmgr" | "jamf" | "mssense" | "mde" => false,
        _ => return None,
    })
}

/// The owner in Graph's word.
pub(crate) fn ownership(word: &str) -> Option<&'static str> {
    Some(match letters(owner_word(word)).as_str() {
        "company" | "corporate" | "unternehmen" | "firmeneigen" | "entreprise" | "empresa" | "corporativo" => "company",
        "personal" | "personlich" | "privat" | "personnel" => "personal",
        _ => return None,
    })
}

/// The letters and digits of a word, in lower case and without accents.
pub(crate) fn letters(word: &str) -> String {
    word.chars().flat_map(char::to_lowercase).filter_map(base_letter).collect()
}

/// A letter without its accent; nothing for what is neither letter nor digit.
fn base_letter(c: char) -> Option<char> {
    Some(match c {
        'à' | 'á' | 'â' | 'ä' => 'a',
        'ç' => 'c',
        'è' | 'é' | 'ê' | 'ë' => 'e',
        'ì' | 'í' | 'î' | 'ï' => 'i',
        'ñ' => 'n',
        'ò' | 'ó' | 'ô' | 'ö' => 'o',
        'ù' | 'ú' | 'û' | 'ü' => 'u',
        c if c.is_alphanumeric() => c,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipad_is_an_ipad_in_every_form() {
        for (system, hints, wanted) in [
            ("iPadOS", &[][..], Some(Platform::Ipados)),
            ("iOS", &["iPad Pro (11-inch)"], Some(Platform::Ipados)),
            ("iOS/iPadOS", &["", "iPad13,8"], Some(Platform::Ipados)),
            ("iOS/iPadOS", &["iPhone 15", "iPhone15,4"], Some(Platform::Ios)),
            ("iOS/iPadOS", &["", "", "9"], Some(Platform::Ipados)),
            ("iOS/iPadOS", &["", "", "iPhone"], Some(Platform::Ios)),
            ("iOS", &["", "", "iPad"], Some(Platform::Ipados)),
            ("iOS/iPadOS", &[], None),
            ("iOS", &[], Some(Platform::Ios)),
            ("Android (fully managed)", &[], Some(Platform::Android)),
            ("ChromeOS", &["iPad"], None),
        ] {
            assert_eq!(platform(system, hints), wanted, "{system} {hints:?}");
        }
        assert_eq!(platform_of_kind("9"), Some(Platform::Ipados));
        assert_eq!(platform_of_kind("desktop"), Some(Platform::Windows));
        assert_eq!(platform_of_kind("unix"), None);
    }

    #[test]
    fn codes_are_words() {
        assert_eq!((is_mdm("2"), is_mdm("1024"), is_mdm("16")), (Some(true), Some(false), None));
        assert_eq!((ownership("1"), ownership("2"), ownership("0")), (Some("company"), Some("personal"), None));
        assert_eq!((ownership("Persönlich"), ownership("Entreprise")), (Some("personal"), Some("company")));
        assert_eq!(enrollment(enrollment_word("15")), Some(Enrollment::Dedicated));
        assert_eq!(
            enrollment_of_system("Android (corporate-owned work profile)"),
            Some(Enrollment::CorporateWorkProfile)
        );
        assert_eq!(enrollment_of_system("Android"), None);
    }
}
