package engine

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"tandem/internal/core"
	"tandem/internal/engine/room"
)

// TestTRIG9_CO5_IDsOfEveryObjectAreKnown to the verbs that take single ids and to lists of them:
// those of cases begin with a 5, those of custom objects with whatever the org gave them.
func TestTRIG9_CO5_IDsOfEveryObjectAreKnown(t *testing.T) {
	t.Parallel()
	site := core.PairDef{Name: "site", Plural: "sites", Objects: [2][]core.Object{{"Site__c"}, {"2-30000014"}}, Carried: true, Custom: true}
	pairs := append(slices.Clone(core.StandardPairs), site)
	for _, tt := range []struct {
		pair   core.Pair
		id     string
		object core.Object // blank where the id is refused
		mend   string
	}{
		{"site", "a00zo0000010001AAA", "Site__c", ""},
		{"site", "20729214441", "2-30000014", ""},
		{"site", "003zo0000010001AAA", "", "write contact"},
		{core.TicketPair, "500Ec00000Xy1zAIAR", core.SupportCase, ""},
		{core.TicketPair, "500Ec00000Xy1zA", core.SupportCase, ""},
		{core.TicketPair, "500000000000123", core.Tickets, ""}, // digits alone are HubSpot's
		{core.TicketPair, "a00zo0000010001AAA", "", "begin with 500"},
		{core.CompanyPair, "001000000000123", core.Account, ""},
		{core.CompanyPair, "a00zo0000010001AAA", "", "begin with 001"},
		{core.ContactPair, "00Qzo0000010001", core.Lead, ""},
		{core.ActivityPair, "a00zo0000010001AAA", "", "begin with 00T"},
		{core.ContactPair, "003Dn00000AbcDEIAZ", core.Contact, ""},
		{core.ContactPair, "003dn00000AbcDEIAZ", "", "copy the id again"},
		{core.ContactPair, "003DN00000ABCDEIAZ", "", "copy the id again"},
	} {
		ref, ok := RefNamed(pairs, tt.pair, tt.id)
		err := CheckID(pairs, tt.pair, tt.id)
		if ok != (tt.object != "") || ok != (err == nil) || ok && ref.Object != tt.object {
			t.Errorf("%s %s: %v, %v, %v", tt.pair, tt.id, ref, ok, err)
		}
		if said := (&room.Error{}); errors.As(err, &said) && !strings.Contains(said.Mend, tt.mend) {
			t.Errorf("%s %s: the mend of %v is %q", tt.pair, tt.id, err, said.Mend)
		}
	}
}
