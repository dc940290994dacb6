//! The canvas of every plot: two widths of it, axes with their units, lines, areas and text. Must not know figures.

use std::borrow::Cow;
use std::ops::Range;

use maud::{Markup, PreEscaped, html};
use plotters::coord::Shift;
use plotters::coord::ranged1d::{BoldPoints, Ranged};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{Cartesian2d, Circle, DrawingArea, IntoDrawingArea, PathElement, Polygon, SVGBackend, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, IntoFont as _};

use super::palette::Hue;

/// A drawing area, in pixels.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// A drawing area, in the units of two axes.
pub(super) type Plane<'a> = DrawingArea<SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
/// Drawing into a string cannot fail, but the library's types do not say so.
pub(super) type Drawn<T = ()> = Result<T, plotters::drawing::DrawingAreaErrorKind<std::io::Error>>;

/// Drawing units in a pixel of the page: the library draws at integer positions, and curves should be smooth.
const DOTS: i32 = 4;
/// The library writes a font's size divided by this.
const FONT_DIVISOR: f64 = 1.24;
/// Size of text, in pixels.
const TEXT: f64 = 12.5;

/// The page width that a drawing is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub(super) enum Width {
    /// Screens and paper.
    Wide,
    /// Phones.
    Narrow,
}

impl Width {
    const fn class(self) -> &'static str {
        self.into_str()
    }

    /// Pixels across.
    pub(super) const fn pixels(self) -> i32 {
        match self {
            Self::Wide => 720,
            Self::Narrow => 350,
        }
    }
}

/// The anchor of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// Its end.
    End,
    /// Its middle.
    Middle,
    /// Its beginning.
    Begin,
}

/// Two axes and the margins around them.
#[derive(Clone, Debug)]
pub(super) struct Axes {
    /// The range from left to right.
    pub(super) x: Range<f64>,
    /// The labels of the horizontal axis.
    pub(super) x_ticks: Vec<(f64, String)>,
    /// The title of the horizontal axis.
    pub(super) x_title: Cow<'static, str>,
    /// The range from bottom to top.
    pub(super) y: Range<f64>,
    /// The title of the vertical axis, if its labels do not say what it counts.
    pub(super) y_title: &'static str,
    /// The labels of the vertical axis, each with a grid line.
    pub(super) y_ticks: Vec<(f64, String)>,
    /// Pixels of the top margin.
    pub(super) top: i32,
    /// Pixels of the right margin.
    pub(super) right: i32,
    /// Pixels of the left margin.
    pub(super) left: i32,
}

/// A plot in both widths, of this height in pixels; `alt` describes it for readers who cannot see it.
pub(super) fn plot(alt: &str, height: impl Fn(Width) -> i32, draw: impl Fn(&Canvas<'_>) -> Drawn) -> Markup {
    html! {
        @for width in [Width::Wide, Width::Narrow] {
            svg class={ "plot " (width.class()) } role="img" aria-label=(alt)
                viewBox={ "0 0 " (width.pixels() * DOTS) " " (height(width) * DOTS) } {
                (PreEscaped(drawing(width, height(width), &draw)))
            }
        }
    }
}

/// The elements of a drawing. All text in it has been escaped by the library.
fn drawing(width: Width, height: i32, draw: impl Fn(&Canvas<'_>) -> Drawn) -> String {
    let mut svg = String::new();
    let dots = |pixels: i32| u32::try_from(pixels * DOTS).expect("a drawing has a size");
    let area = SVGBackend::with_string(&mut svg, (dots(width.pixels()), dots(height))).into_drawing_area();
    let canvas = Canvas { area, width, height };
    draw(&canvas).and_then(|()| canvas.area.present()).expect("a string takes all");
    drop(canvas);
    // The outer element is replaced: it has a description, and its size follows the page.
    let inside = svg.split_once('>').and_then(|(_, rest)| rest.rsplit_once("</svg>")).map(|(inside, _)| inside);
    inside.expect("a drawing is one element").replace('\n', "")
}

/// A drawing; positions are in pixels from the top left.
pub(super) struct Canvas<'a> {
    area: Area<'a>,
    /// The page width that it is for.
    pub(super) width: Width,
    height: i32,
}

impl<'a> Canvas<'a> {
    /// Draws axes and returns the plane between them.
    pub(super) fn axes(&self, axes: &Axes) -> Drawn<Plane<'a>> {
        let (left, right) = (axes.left, self.width.pixels() - axes.right);
        let (top, bottom) = (axes.top, self.height - 40);
        let pixels = (left * DOTS..right * DOTS, bottom * DOTS..top * DOTS);
        let plane = self.area.apply_coord_spec(Cartesian2d::new(axes.x.clone(), axes.y.clone(), pixels));
        for (y, label) in &axes.y_ticks {
            let (_, at) = place(&plane, (axes.x.start, *y));
            self.line(&[(left, at), (right, at)], if *y <= axes.y.start { Hue::Axis } else { Hue::Grid }, 1)?;
            self.text(label, (left - 8, at), Hue::Quiet, Hold::End)?;
        }
        self.text(axes.y_title, (left - 8, top - 16), Hue::Quiet, Hold::End)?;
        for (x, label) in &axes.x_ticks {
            let (at, _) = place(&plane, (*x, axes.y.start));
            self.line(&[(at, bottom), (at, bottom + 4)], Hue::Axis, 1)?;
            self.text(label, (at, bottom + 14), Hue::Quiet, Hold::Middle)?;
        }
        self.text(&axes.x_title, (right, bottom + 31), Hue::Quiet, Hold::End)?;
        Ok(plane)
    }

    /// A line through positions.
    pub(super) fn line(&self, through: &[(i32, i32)], hue: Hue, width: u32) -> Drawn {
        let dots: Vec<_> = through.iter().map(|(x, y)| (x * DOTS, y * DOTS)).collect();
        self.area.draw(&PathElement::new(dots, hue.colour().stroke_width(width * DOTS.unsigned_abs())))
    }

    /// A filled box between two corners.
    pub(super) fn block(&self, corners: [(i32, i32); 2], hue: Hue, opacity: f64) -> Drawn {
        let [(left, top), (right, bottom)] = corners.map(|(x, y)| (x * DOTS, y * DOTS));
        let corners = [(left, top), (right, top), (right, bottom), (left, bottom)];
        self.area.draw(&Polygon::new(corners, hue.colour().mix(opacity).filled()))
    }

    /// A line of text, with its middle at this height.
    pub(super) fn text(&self, text: &str, (x, y): (i32, i32), hue: Hue, hold: Hold) -> Drawn {
        if text.is_empty() {
            return Ok(());
        }
        let horizontal = match hold {
            Hold::End => HPos::Right,
            Hold::Middle => HPos::Center,
            Hold::Begin => HPos::Left,
        };
        let size = TEXT * FONT_DIVISOR * f64::from(DOTS);
        let font = ("sans-serif", size).into_font().color(&hue.colour());
        self.area.draw(&Text::new(text, (x * DOTS, y * DOTS), font.pos(Pos::new(horizontal, VPos::Center))))
    }

    /// A dot with an outline that separates it from the background.
    pub(super) fn dot(&self, (x, y): (i32, i32), hue: Hue) -> Drawn {
        let at = (x * DOTS, y * DOTS);
        self.area.draw(&Circle::new(at, 5 * DOTS, Hue::Paper.colour().filled()))?;
        self.area.draw(&Circle::new(at, 7 * DOTS / 2, hue.colour().filled()))
    }
}

/// A filled shape.
pub(super) fn fill(plane: &Plane<'_>, corners: Vec<(f64, f64)>, hue: Hue, opacity: f64) -> Drawn {
    plane.draw(&Polygon::new(corners, hue.colour().mix(opacity).filled()))
}

/// A line.
pub(super) fn stroke(plane: &Plane<'_>, through: Vec<(f64, f64)>, hue: Hue, width: u32) -> Drawn {
    plane.draw(&PathElement::new(through, hue.colour().stroke_width(width * DOTS.unsigned_abs())))
}

/// The position of a point of the plane, in pixels.
pub(super) fn place(plane: &Plane<'_>, at: (f64, f64)) -> (i32, i32) {
    let (x, y) = plane.map_coordinate(&at);
    (x / DOTS, y / DOTS)
}

/// Round values over a range, at most `most`.
pub(super) fn ticks(range: Range<f64>, most: usize) -> Vec<f64> {
    RangedCoordf64::from(range).key_points(BoldPoints(most))
}

/// Steps of model time between labels, in ms: the units that people use.
const STEPS_MS: [u64; 19] = [
    1_000,
    5_000,
    15_000,
    60_000,
    120_000,
    300_000,
    600_000,
    900_000,
    1_800_000,
    3_600_000,
    7_200_000,
    10_800_000,
    21_600_000,
    43_200_000,
    86_400_000,
    172_800_000,
    604_800_000,
    2_419_200_000,
    7_257_600_000,
];

/// Labels for model time from 0 to `end_ms`, in ms, at most `most`.
pub(super) fn clock_ticks(end_ms: u64, most: u64) -> Vec<(f64, String)> {
    let fits = |step: &&u64| end_ms / **step <= most;
    let step = STEPS_MS.iter().find(fits).copied().unwrap_or(end_ms.div_ceil(most.max(1))).max(1);
    let label = |ms: u64| match step {
        86_400_000.. => format!("day {}", ms / 86_400_000),
        60_000.. => format!("{}:{:02}", ms / 3_600_000, ms / 60_000 % 60),
        _ => crate::report::document::figures::clock(ms),
    };
    (0..=end_ms / step).map(|at| ((at * step) as f64, label(at * step))).collect()
}

/// Positions for labels that are `wanted` at ascending positions: at least `gap` apart, and not below `lowest`.
pub(super) fn spread(wanted: &[i32], gap: i32, lowest: i32) -> Vec<i32> {
    let mut placed = wanted.to_vec();
    for at in 1..placed.len() {
        placed[at] = placed[at].max(placed[at - 1] + gap);
    }
    let mut below = lowest;
    for at in placed.iter_mut().rev() {
        *at = (*at).min(below);
        below = *at - gap;
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_keep_apart() {
        assert_eq!(spread(&[10, 12, 13, 90], 14, 100), [10, 24, 38, 90]);
        assert_eq!(spread(&[90, 95, 99], 14, 100), [72, 86, 100]);
    }

    #[test]
    fn times_are_round() {
        let labels = |end_ms, most| clock_ticks(end_ms, most).into_iter().map(|(_, label)| label).collect::<Vec<_>>();
        assert_eq!(labels(14_400_000, 8), ["0:00", "0:30", "1:00", "1:30", "2:00", "2:30", "3:00", "3:30", "4:00"]);
        assert_eq!(labels(5 * 86_400_000, 5), ["day 0", "day 1", "day 2", "day 3", "day 4", "day 5"]);
        assert_eq!(labels(4_000, 4), ["0:00:00", "0:00:01", "0:00:02", "0:00:03", "0:00:04"]);
        assert_eq!(labels(0, 4), ["0:00:00"]);
    }

    #[test]
    fn names_in_a_drawing_are_text() {
        let name = "</svg><script>alert(1)</script>\" onload='x'";
        let drawn = drawing(Width::Wide, 100, |canvas| canvas.text(name, (1, 1), Hue::Ink, Hold::Begin));
        assert!(!drawn.contains("<script") && !drawn.contains("</svg") && drawn.contains("&lt;script&gt;"), "{drawn}");
    }
}
