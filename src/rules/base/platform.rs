//! Operating systems and the gateways behind them. Names only.

/// A device's operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
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
    /// Every platform, in the order of reports.
    pub const ALL: [Self; 5] = [Self::Ios, Self::Ipados, Self::Android, Self::Macos, Self::Windows];

    /// The name in scenarios, reports and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ios => "ios",
            Self::Ipados => "ipados",
            Self::Android => "android",
            Self::Macos => "macos",
            Self::Windows => "windows",
        }
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

/// One of the two gateways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GatewayName {
    /// Apple Push Notification service.
    Apns,
    /// Firebase Cloud Messaging.
    Fcm,
}

impl GatewayName {
    /// Both, in the order of reports.
    pub const ALL: [Self; 2] = [Self::Apns, Self::Fcm];

    /// The name in scenarios, reports and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Apns => "apns",
            Self::Fcm => "fcm",
        }
    }
}
