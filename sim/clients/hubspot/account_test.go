package hubspot

import (
	"strconv"
	"testing"

	"tandem/sim/hubspotsim"
)

func TestTokensOwnersAndScopes(t *testing.T) {
	w := serve(t, hubspotsim.Options{})
	var found struct{ Contact string }
	w.run("account.mjs", &found)
	w.want("contacts", found.Contact, "firstname", "Later")
	w.want("contacts", found.Contact, "hs_object_source_id", strconv.Itoa(w.info.AppID))
}
