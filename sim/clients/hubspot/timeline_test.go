package hubspot

import (
	"testing"

	"tandem/sim/hubspotsim"
)

func TestTimelineEventsWriteProperties(t *testing.T) {
	w := serve(t, hubspotsim.Options{})
	var found struct{ Contact, Made string }
	w.run("timeline.mjs", &found)
	w.want("contacts", found.Contact, "city", "Bonn")
	w.want("contacts", found.Made, "email", "new@x.example")
	w.want("contacts", found.Made, "city", "Ulm")
}
