import { cbor, cborText } from "@curlew/realtime/codecs/cbor";
import { codecContract } from "../../contract/codec.ts";

codecContract(cbor);
codecContract(cborText);
