//! The names under which Microsoft serves Graph and its tokens, which scripts have written into them. Only words.

/// Graph's own name and the names of the token service: what the proxy answers for, and what certificates of ours are for.
pub const MICROSOFT_HOSTS: [&str; 5] =
    ["graph.microsoft.com", "login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net"];
