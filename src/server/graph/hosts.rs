//! Microsoft's host names for Graph and for its tokens, which scripts often hard-code. Must contain data only.

/// The hosts of Graph and of the token service: the proxy answers for them, and local certificates cover them.
pub const MICROSOFT_HOSTS: [&str; 5] =
    ["graph.microsoft.com", "login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"];
