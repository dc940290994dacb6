//! Creates the handles through which figures change, each label set once. Must not change a figure.

use metrics::{Counter, Gauge, Key, Label, Level, Metadata, Recorder};
use metrics_exporter_prometheus::formatting::sanitize_label_value;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle, PrometheusRecorder};

use super::name::{MetricKind, Name};

/// The label of the tenant's name where there are several tenants; with one tenant no series has it.
const TENANT: &str = "tenant";

static METADATA: Metadata<'static> = Metadata::new("reveille", Level::INFO, None);

/// Creates series of metrics and keeps what renders them.
pub(super) struct Register {
    recorder: PrometheusRecorder,
    tenant: Option<String>,
}

impl Register {
    /// A register; every series that it creates carries the tenant's name, if there is one.
    pub(super) fn new(tenant: Option<&str>) -> Self {
        let recorder = PrometheusBuilder::new().build_recorder();
        for name in Name::ALL {
            let (key, help) = (name.name().into(), name.help().into());
            match name.kind() {
                MetricKind::Counter => recorder.describe_counter(key, None, help),
                MetricKind::Gauge => recorder.describe_gauge(key, None, help),
                MetricKind::Histogram => {}
            }
        }
        Self { recorder, tenant: tenant.map(str::to_owned) }
    }

    /// Renders the series that were created.
    pub(super) fn handle(&self) -> PrometheusHandle {
        self.recorder.handle()
    }

    pub(super) fn counter(&self, name: Name, values: &[&str]) -> Counter {
        self.recorder.register_counter(&self.key(name, values), &METADATA)
    }

    pub(super) fn gauge(&self, name: Name, values: &[&str]) -> Gauge {
        self.recorder.register_gauge(&self.key(name, values), &METADATA)
    }

    fn key(&self, name: Name, values: &[&str]) -> Key {
        assert_eq!(name.labels().len(), values.len(), "a metric has a value for each of its labels");
        let own = name.labels().iter().zip(values).map(|(label, value)| Label::new(label.name(), (*value).to_owned()));
        let tenant = self.tenant.iter().map(|tenant| Label::new(TENANT, tenant.clone()));
        Key::from_parts(name.name(), own.chain(tenant).collect::<Vec<_>>())
    }
}

/// The tenant's label as text, for series that are rendered without the register; empty if there is only one tenant.
pub(super) fn tenant_label(tenant: Option<&str>) -> String {
    tenant.map(|tenant| format!("{TENANT}=\"{}\"", sanitize_label_value(tenant))).unwrap_or_default()
}
