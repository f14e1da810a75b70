import { createMemoryStorage } from "../../../embedded/storage/memoryStorage.ts";
import { storageContract } from "./contract.ts";

storageContract(createMemoryStorage);
