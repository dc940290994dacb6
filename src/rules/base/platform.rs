//! Operating systems and the gateways behind them. Names only.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// A device's operating system, in the order of reports.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr, VariantArray,
)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Platform {
    /// iPhone.
    Ios,
    /// iPad: iOS in every rule, a platform of its own in scopes and reports (X26, X28).
    Ipados,
    /// Android.
    Android,
    /// Mac.
    Macos,
    /// Windows PC.
    Windows,
}

impl Platform {
    /// The name in scenarios, reports and metrics.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }

    /// Whether it is an iPhone or iPad.
    pub const fn is_ios(self) -> bool {
        matches!(self, Self::Ios | Self::Ipados)
    }

    /// The gateway that carries its messages; `None` where there is none (R27).
    pub const fn gateway(self) -> Option<GatewayName> {
        match self {
            Self::Ios | Self::Ipados => Some(GatewayName::Apns),
            Self::Android => Some(GatewayName::Fcm),
            Self::Macos | Self::Windows => None,
        }
    }
}

/// One of the two gateways, in the order of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum GatewayName {
    /// Apple Push Notification service.
    Apns,
    /// Firebase Cloud Messaging.
    Fcm,
}

impl GatewayName {
    /// The name in scenarios, reports and metrics.
    pub const fn name(self) -> &'static str {
        self.into_str()
    }
}
