//! Everything that one page of metrics shows: the counts of each tenant, the requests of the servers, and the process.
//! All series of a family stand together, whatever part counts them.

use std::collections::BTreeMap;
use std::sync::Arc;

use strum::VariantArray as _;

use super::budget::{BudgetLabel, BudgetMeter};
use super::meters::Meters;
use super::request::{RouteLabel, SignInOutcome, Status};
use super::store_meter::StoreMeter;
use super::traffic::Traffic;
use super::{openmetrics, process};

/// The source of one page of metrics.
pub struct Board {
    tenants: Vec<Arc<Meters>>,
    traffic: Traffic,
}

impl std::fmt::Debug for Board {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Board").field("tenants", &self.tenants.len()).finish_non_exhaustive()
    }
}

impl Board {
    /// The board of a run, whose only server is that of the metrics.
    pub fn of_run(meters: Arc<Meters>) -> Self {
        let traffic = Traffic::new(&RouteLabel::OF_METRICS, &Status::OF_METRICS, &BudgetLabel::OF_METRICS);
        Self { tenants: vec![meters], traffic }
    }

    /// The board of a server; with several tenants each `Meters` carries its tenant's name.
    pub fn of_server(tenants: Vec<Arc<Meters>>) -> Self {
        Self { tenants, traffic: Traffic::new(RouteLabel::VARIANTS, Status::VARIANTS, BudgetLabel::VARIANTS) }
    }

    /// The figures of the server's store, which this board shows from now on.
    pub fn store(&mut self) -> StoreMeter {
        self.traffic.store()
    }

    /// Counts a request answered after so many µs of wall time.
    pub fn answered(&self, route: RouteLabel, status: Status, us: u64) {
        self.traffic.answered(route, status, us);
    }

    /// The figures of a budget, if this board shows it.
    pub fn budget(&self, budget: BudgetLabel) -> Option<BudgetMeter> {
        self.traffic.budget(budget)
    }

    /// Everything in the `OpenMetrics` 1.0 format.
    pub fn render_open_metrics(&self) -> String {
        openmetrics::of(&self.render())
    }

    /// Counts a request to sign in.
    pub fn signed_in(&self, outcome: SignInOutcome) {
        self.traffic.signed_in(outcome);
    }

    /// Counts an entry of the audit log that could not be written.
    pub fn audit_lost(&self) {
        self.traffic.audit_lost();
    }

    /// Everything in the text format of Prometheus.
    pub fn render(&self) -> String {
        let mut pages: Vec<String> = self.tenants.iter().map(|meters| meters.render()).collect();
        pages.push(self.traffic.render());
        let mut out = together(&pages);
        process::render(&mut out);
        out
    }
}

/// Merges several pages: each family once with its help and its type, and all its series.
fn together(pages: &[String]) -> String {
    let mut families: BTreeMap<&str, (Vec<&str>, Vec<&str>)> = BTreeMap::new();
    let mut family = "";
    for line in pages.iter().flat_map(|page| page.lines()).filter(|line| !line.is_empty()) {
        if let Some(rest) = line.strip_prefix("# HELP ").or_else(|| line.strip_prefix("# TYPE ")) {
            family = rest.split(' ').next().unwrap_or(rest);
            let (head, _) = families.entry(family).or_default();
            if !head.contains(&line) {
                head.push(line);
            }
        } else {
            families.entry(family).or_default().1.push(line);
        }
    }
    let lines = families.into_values().flat_map(|(head, series)| head.into_iter().chain(series));
    lines.flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_of_two_pages_stands_together() {
        let page = |tenant: &str| {
            format!(
                "# HELP b Of b.\n# TYPE b gauge\nb{{tenant=\"{tenant}\"}} 1\n\n# HELP a Of a.\n# TYPE a counter\na 2\n"
            )
        };
        let whole = together(&[page("x"), page("y").replace("a 2\n", "")]);
        insta::assert_snapshot!(whole, @r#"
        # HELP a Of a.
        # TYPE a counter
        a 2
        # HELP b Of b.
        # TYPE b gauge
        b{tenant="x"} 1
        b{tenant="y"} 1
        "#);
    }
}
