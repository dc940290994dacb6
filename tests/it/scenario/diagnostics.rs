//! Risk: a problem is reported without its place, its word or its remedy, or its code is not explained. Each code has
//! an example whose text is a golden file, and the page of all codes is generated from them.

use std::fmt::Write as _;

use reveille::scenario::{self, Code, Diagnostics, Overrides, Severity, Source};

use crate::pages::generated_pages::assert_current;

const HEAD: &str = "schema = 1\nname = \"example\"\nduration = \"2h\"\n";

/// The input of a problem: the scenario, files beside it, flags.
struct Example {
    code: Code,
    body: &'static str,
    files: &'static [(&'static str, &'static str)],
    sets: &'static [&'static str],
}

const fn of(code: Code, body: &'static str) -> Example {
    Example { code, body, files: &[], sets: &[] }
}

const EXAMPLES: [Example; 25] = [
    of(Code::UnknownKey, "[fleet]\nusres = 100\n"),
    of(Code::Syntax, "[fleet]\nusers = \n"),
    of(Code::WrongType, "[fleet]\nusers = \"many\"\n"),
    of(Code::MissingKey, "[[send]]\nname = \"news\"\nat = \"5m\"\nto = { groups = [\"All users\"] }\nbody = \"b\"\n"),
    of(Code::BadValue, "[[fault]]\nname = \"down\"\nkind = \"outage\"\nat = \"1.5h\"\n"),
    of(Code::UnknownWord, "[[fault]]\nname = \"down\"\nkind = \"outtage\"\nat = \"1h\"\n"),
    of(
        Code::UnknownName,
        "[[send]]\nname = \"news\"\nat = \"5m\"\nto = { groups = [\"All usres\"] }\ntitle = \"t\"\nbody = \"b\"\n",
    ),
    of(Code::DuplicateName, "[[group]]\nname = \"north\"\n[[group]]\nname = \"north\"\n"),
    of(Code::Conflict, "[[fault]]\nname = \"down\"\nkind = \"outage\"\nat = \"1h\"\nrate = \"5%\"\n"),
    of(Code::TooMuch, "[[group]]\nname = \"north\"\nusers = { sample = 2_000 }\n"),
    of(Code::Include, "include = [\"fleet.toml\"]\n"),
    Example {
        code: Code::IncludeConflict,
        body: "include = [\"a.toml\", \"b.toml\"]\n",
        files: &[("a.toml", "[fleet]\nusers = 10\n"), ("b.toml", "[fleet]\nusers = 20\n")],
        sets: &[],
    },
    Example {
        code: Code::NothingToOverride,
        body: "include = [\"a.toml\"]\n[[group]]\nname = \"nroth\"\noverride = true\n",
        files: &[("a.toml", "[[group]]\nname = \"north\"\n")],
        sets: &[],
    },
    Example { code: Code::BadSet, body: "", files: &[], sets: &["fleet.users"] },
    of(
        Code::Never,
        "[[send]]\nname = \"news\"\nat = \"3h\"\nto = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n",
    ),
    of(
        Code::Cycle,
        "[[fault]]\nname = \"a\"\nkind = \"offline\"\nafter = \"b\"\nfor = \"5m\"\n\
         [[fault]]\nname = \"b\"\nkind = \"offline\"\nafter = \"a\"\nfor = \"5m\"\n",
    ),
    of(Code::BadExpectation, "[[expect]]\nname = \"most\"\nmetric = \"delivery\"\ncheck = \"< 5s\"\n"),
    Example {
        code: Code::Export,
        body: "[[fleet.import]]\nfile = \"devices.csv\"\n",
        files: &[("devices.csv", "Name;Platform\nphone;iOS\n")],
        sets: &[],
    },
    of(
        Code::WillBeRefused,
        "[[send]]\nname = \"news\"\nat = \"5m\"\nto = { groups = [\"All users\"] }\ntitle = \" \"\nbody = \"b\"\n",
    ),
    of(Code::Nothing, "[[fault]]\nname = \"down\"\nkind = \"outage\"\nat = \"1h\"\nscope = { platform = \"macos\" }\n"),
    of(
        Code::CutOff,
        "[[send]]\nname = \"news\"\nschedule = { every = \"1h\", count = 9 }\nto = { groups = [\"All users\"] }\n\
         title = \"t\"\nbody = \"b\"\n",
    ),
    of(
        Code::Weights,
        "[[fleet.cohort]]\nname = \"a\"\nplatform = \"ios\"\nshare = 0.5\n\
         [[fleet.cohort]]\nname = \"b\"\nplatform = \"android\"\nshare = 0.4\n",
    ),
    Example {
        code: Code::Gap,
        body: "[[fleet.import]]\nfile = \"devices.csv\"\n",
        files: &[(
            "devices.csv",
            "Device ID,OS,Primary user UPN,Managed by,Ownership,Enrolled by user UPN\n\
             1,iOS,,Intune,Personal,ada@contoso.com\n",
        )],
        sets: &[],
    },
    of(
        Code::LeftOut,
        "timezone = \"Europe/Paris\"\nstart = 2026-03-29T00:00:00Z\nfleet.defaults.presence = \"online\"\n[[send]]\nname = \"news\"\n\
         at = { local = \"02:30\" }\nto = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n",
    ),
    of(
        Code::NoNight,
        "start = 2026-01-05T22:00:00Z\n[[send]]\nname = \"news\"\nat = { local = \"23:15\" }\n\
         to = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n",
    ),
];

impl Example {
    fn problems(&self) -> Diagnostics {
        let overrides = Overrides { sets: self.sets.iter().map(ToString::to_string).collect(), ..Overrides::default() };
        let mut read = |path: &str| {
            let found = self.files.iter().find(|(name, _)| *name == path);
            found.map(|(_, text)| text.as_bytes().to_vec()).ok_or_else(|| "no such file".to_owned())
        };
        let source = Source::new("example.toml", format!("{HEAD}{}", self.body));
        match scenario::load(&source, &mut read, &overrides) {
            Ok(loaded) => loaded.warnings,
            Err(all) => all,
        }
    }

    /// The text for people, including all lines that the example causes besides its own problem.
    fn text(&self) -> String {
        self.problems().to_string().trim_end().to_owned()
    }
}

fn example(code: Code) -> &'static Example {
    let found = EXAMPLES.iter().find(|example| example.code == code);
    found.unwrap_or_else(|| panic!("{} has no example. Remedy: write one here.", code.code()))
}

#[test]
fn every_code_has_an_example_with_place_and_caret_and_its_text_is_a_golden() {
    for code in Code::ALL {
        let (problems, text) = (example(*code).problems(), example(*code).text());
        assert!(problems.iter().any(|problem| problem.code == *code), "{} is not in\n{text}", code.code());
        let tag = format!("[{} {}]", code.code(), code.name());
        // For a file that is not TOML, only the position is shown.
        let is_of_export = matches!(code, Code::Export | Code::Gap);
        assert!(text.contains(&tag) && text.contains("-->") && (is_of_export || text.contains('^')), "{text}");
        insta::assert_snapshot!(format!("{}_{}", code.code(), code.name().replace('-', "_")), text);
    }
    assert_eq!(EXAMPLES.len(), Code::ALL.len(), "one example a code");
}

#[test]
fn every_code_has_a_row_and_the_page_is_current() {
    let mut page = String::from(
        "# Diagnostics\n\n\
         `reveille check` tells everything that is wrong with a scenario at once, each problem with its place, a caret, a code and,\n\
         where one can be guessed, the remedy. Of a file that is not TOML, such as an export, only the place is shown. Codes are stable: a number is never used again for anything else, so a script may\n\
         rely on `--format json` and its `code`. An error (exit code 2) keeps the scenario from being run; a warning does not.\n\n\
         This page is made from the codes and from the goldens of the tests.\n\n\
         | code | name | | what it is |\n|---|---|---|---|\n",
    );
    let severity = |code: Code| if code.severity() == Severity::Error { "error" } else { "warning" };
    for code in Code::ALL {
        let (id, name) = (code.code(), code.name());
        let link = format!("#{}-{name}", id.to_lowercase());
        writeln!(page, "| [{id}]({link}) | {name} | {} | {} |", severity(*code), code.meaning())
            .expect("a string takes all");
    }
    for code in Code::ALL {
        write!(
            page,
            "\n## {} {}\n\n{} {}\n\n```text\n{}\n```\n",
            code.code(),
            code.name(),
            code.meaning(),
            code.remedy(),
            example(*code).text().lines().map(str::trim_end).collect::<Vec<_>>().join("\n"),
        )
        .expect("a string takes all");
    }
    assert_current("docs/diagnostics.md", &page);
}

/// A misspelt word in every kind of place, and the right one that is suggested.
#[test]
fn a_misspelt_metric_label_fault_key_or_unit_is_reported_with_the_right_word() {
    let world = "[[fleet.cohort]]\nname = \"phones\"\nplatform = \"ios\"\nshare = 1\nlabels = { region = \"north\" }\n\
                 [[send]]\nname = \"news\"\nat = \"5m\"\nto = { groups = [\"All users\"] }\ntitle = \"t\"\nbody = \"b\"\n\
                 [[fault]]\nname = \"down\"\nkind = \"outage\"\nat = \"1h\"\nfor = \"5m\"\n";
    let expect = |keys: &str| format!("{world}[[expect]]\nname = \"e\"\n{keys}\n");
    let reach = |keys: &str| expect(&format!("metric = \"reach\"\ncheck = \">= 0.5\"\n{keys}"));
    for (text, words) in [
        (expect("metric = \"reech\"\ncheck = \">= 0.5\""), "did you mean \"reach\"?"),
        (reach("where = { labels = { regoin = \"north\" } }"), "did you mean `region`?"),
        (reach("where = { labels = { region = \"nroth\" } }"), "did you mean \"north\"?"),
        (reach("where = { send = \"nwes\" }"), "did you mean `news`?"),
        (reach("where = { group = \"all users\" }"), "did you mean `All users`?"),
        (reach("where = { cohort = \"phnes\" }"), "did you mean `phones`?"),
        (reach("where = { platfrom = \"ios\" }"), "did you mean `platform`?"),
        (reach("where = { platform = \"iso\" }"), "did you mean \"ios\"?"),
        (reach("by = \"platfrom\""), "did you mean \"platform\"?"),
        (reach("by = \"label:regoin\""), "did you mean \"label:region\"?"),
        (reach("during = \"fault:dwon\""), "did you mean `down`?"),
        (reach("during = \"allways\""), "did you mean \"always\"?"),
        (reach("wihtin = \"5m\""), "did you mean `within`?"),
        (reach("within = \"5 min\""), "expected \"end\", or a duration such as \"90s\""),
        (expect("metric = \"journeys\"\ncheck = \"> 1\"\nwhere = { cause = \"ofline\" }"), "did you mean `offline`?"),
        (expect("metric = \"journeys\"\ncheck = \"> 1\"\nwhere = { station = \"lots\" }"), "did you mean \"lost\"?"),
        (expect("metric = \"delivery\"\ncheck = \"p(95) < 5\""), "write \"5s\" or \"1h30m\""),
        (expect("metric = \"fault_touched\"\ncheck = \"> 1\"\nwhere = { fault = \"dwon\" }"), "did you mean `down`?"),
        (world.replace("for = \"5m\"", "for = \"5min\""), "write"),
        (world.replace("kind = \"outage\"", "kind = \"outge\""), "did you mean \"outage\"?"),
        (format!("timezone = \"Europe/Pariss\"\n{world}"), "did you mean `Europe/Paris`?"),
    ] {
        let source = Source::new("example.toml", format!("{HEAD}{text}"));
        let all = scenario::load(&source, &mut |path| Err(format!("no {path}")), &Overrides::default());
        let all = all.expect_err("a word is wrong").to_string();
        assert!(all.contains(words), "`{words}` is not in:\n{all}");
    }
}
