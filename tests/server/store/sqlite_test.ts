import { openSqliteStore } from "@curlew/server/store/sqlite";
import { storeContract } from "../../contract/store.ts";
import { secret } from "./sqlite_kit.ts";

storeContract({
  name: "the SQLite store",
  open: (clock) => openSqliteStore({ path: ":memory:", clock, secret }),
});
