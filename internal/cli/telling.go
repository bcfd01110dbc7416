package cli

import (
	"tandem/internal/config"
	"tandem/internal/console"
)

// placeNotify binds the secrets of who is told to where they are kept.
const placeNotify = "notify"

// openNotify reads who is told by what was settled at the console.
func openNotify(v vault, sealed []byte) (config.Notify, error) {
	text, _, err := v.open(placeNotify, sealed)
	if err != nil {
		return config.Notify{}, err
	}
	return config.ReadNotify(text)
}

// telling is who is told by the settings, without secrets.
func (w *world) telling() console.Telling {
	t := console.Telling{Every: w.file().Notify.Every}
	for _, way := range w.teller(w.store).Ways {
		t.Ways = append(t.Ways, console.Way{Name: way.Name(), To: way.To()})
	}
	return t
}
