// Node.js before 24 has no switch for it: fetch goes by HTTPS_PROXY, as NODE_USE_ENV_PROXY=1 makes newer ones do. node --import.

import { EnvHttpProxyAgent, setGlobalDispatcher } from "undici";

setGlobalDispatcher(new EnvHttpProxyAgent());
