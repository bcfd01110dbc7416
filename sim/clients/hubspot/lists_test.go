package hubspot

import (
	"testing"

	"tandem/sim/hubspotsim"
)

func TestListsOfEverySort(t *testing.T) {
	w := serve(t, hubspotsim.Options{})
	var found struct {
		Hand, Active, Frozen string
		Contacts             []string
	}
	w.run("lists.mjs", &found)
	if len(found.Contacts) != 4 || found.Hand == found.Active {
		t.Fatalf("%+v", found)
	}
	for _, id := range found.Contacts {
		if _, live := w.person.Get("contacts", id); !live {
			t.Errorf("contact %s went away with its lists", id)
		}
	}
}
