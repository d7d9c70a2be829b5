import { createMemoryStore } from "@curlew/server/store/memory";
import { storeContract } from "../../contract/store.ts";
import { secret } from "./sqlite_kit.ts";

storeContract({
  name: "the memory store",
  open: (clock) => Promise.resolve(createMemoryStore({ clock, secret })),
});
