package core

// Base holds, per mapped field, the canonical values last observed on the two
// sides when they agreed, as digests (see Digest). The key is the mapping's
// Salesforce field name (Field.Key). A field without an entry was never agreed
// on.
type Base map[string]Agreed

// Agreed is the agreed value of one field: by side, since a side may store its
// own form (a normaliser, a rounding).
type Agreed [2]string
