//! The colours of the page: each has a name, a light and a dark form. Plots are drawn in the light ones, and the style
//! sheet replaces them by name. Safe for colour-blind readers (after Okabe and Ito); colour must never be the only sign
//! of anything.

use std::fmt::Write as _;

use plotters::style::RGBColor;
use strum::VariantArray as _;

use crate::report::document::layer::Layer;

/// The meaning of a colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub(super) enum Hue {
    /// The page.
    Paper,
    /// Text.
    Ink,
    /// Text of less importance.
    Quiet,
    /// Axes.
    Axis,
    /// Lines behind a plot, and between rows.
    Grid,
    /// Pairs shown.
    Shown,
    /// Pairs waiting.
    Waiting,
    /// Pairs superseded, discarded or expired.
    Late,
    /// Pairs lost.
    Lost,
    /// Pairs blocked.
    Blocked,
    /// Pairs skipped.
    Skipped,
    /// Pairs never shown.
    Never,
    /// Faults in force.
    Fault,
    /// All is well.
    Good,
    /// Something is wrong.
    Bad,
}

impl Hue {
    /// Its name in the style sheet.
    pub(super) const fn name(self) -> &'static str {
        self.into_str()
    }

    /// In light mode and in dark mode. No two light ones are equal, since the style sheet finds a plot's colours by
    /// them.
    const fn rgb(self) -> [u32; 2] {
        match self {
            Self::Paper => [0xFF_FF_FF, 0x14_17_1A],
            Self::Ink => [0x1B_1F_24, 0xE8_EA_ED],
            Self::Quiet => [0x5B_64_70, 0xA3_AB_B5],
            Self::Axis => [0x9A_A3_AD, 0x5C_65_70],
            Self::Grid => [0xE4_E7_EB, 0x2A_30_37],
            Self::Shown => [0x00_72_B2, 0x4A_A3_DB],
            Self::Waiting => [0xE6_9F_00, 0xE3_B0_4B],
            Self::Late => [0x00_9E_73, 0x35_B3_8B],
            Self::Lost => [0xCC_79_A7, 0xD7_8F_B8],
            Self::Blocked => [0xD5_5E_00, 0xE5_7F_43],
            Self::Skipped => [0x8C_96_A1, 0x76_80_8B],
            Self::Never => [0xDC_E0_E5, 0x3A_42_4B],
            Self::Fault => [0x3D_46_50, 0xC9_D1_D9],
            Self::Good => [0x1A_7F_4B, 0x6C_CB_96],
            Self::Bad => [0xB3_26_1E, 0xF2_91_8A],
        }
    }

    /// As it is drawn in plots.
    pub(super) const fn colour(self) -> RGBColor {
        let [_, red, green, blue] = self.rgb()[0].to_be_bytes();
        RGBColor(red, green, blue)
    }
}

impl From<Layer> for Hue {
    fn from(layer: Layer) -> Self {
        match layer {
            Layer::Shown => Self::Shown,
            Layer::Waiting => Self::Waiting,
            Layer::Late => Self::Late,
            Layer::Lost => Self::Lost,
            Layer::Blocked => Self::Blocked,
            Layer::Skipped => Self::Skipped,
            Layer::Never => Self::Never,
        }
    }
}

/// The colours' part of the style sheet.
pub(super) fn style() -> String {
    let variables = |form: usize| {
        let each = Hue::VARIANTS.iter().map(|hue| format!("--{}:#{:06X}", hue.name(), hue.rgb()[form]));
        each.collect::<Vec<_>>().join(";")
    };
    let mut style = format!(
        ":root{{{}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{}}}}}\n",
        variables(0),
        variables(1)
    );
    for &hue in Hue::VARIANTS {
        let (name, light) = (hue.name(), hue.rgb()[0]);
        for part in ["fill", "stroke"] {
            writeln!(style, ".plot [{part}=\"#{light:06X}\"]{{{part}:var(--{name})}}").expect("a string takes all");
        }
        writeln!(style, ".{name}{{--hue:var(--{name})}}").expect("a string takes all");
    }
    style
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The relative luminance of a colour, from 0 to 1, as the accessibility guidelines (WCAG) define it.
    fn luminance(rgb: u32) -> f64 {
        let [_, red, green, blue] = rgb.to_be_bytes();
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
    }

    fn contrast(one: u32, other: u32) -> f64 {
        let [one, other] = [one, other].map(luminance);
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn text_stands_out_from_the_page() {
        for form in 0..2 {
            for hue in [Hue::Ink, Hue::Quiet, Hue::Good, Hue::Bad] {
                let ratio = contrast(hue.rgb()[form], Hue::Paper.rgb()[form]);
                assert!(ratio >= 4.5, "{hue:?} has {ratio}");
            }
            for hue in [Hue::Shown, Hue::Late, Hue::Blocked, Hue::Skipped] {
                let ratio = contrast(hue.rgb()[form], Hue::Paper.rgb()[form]);
                assert!(ratio >= 2.9, "{hue:?} has {ratio}");
            }
        }
    }

    #[test]
    fn no_two_light_colours_are_equal() {
        for (at, hue) in Hue::VARIANTS.iter().enumerate() {
            assert!(Hue::VARIANTS[..at].iter().all(|other| other.rgb()[0] != hue.rgb()[0]), "{hue:?}");
        }
    }
}
