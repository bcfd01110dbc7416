package connector

import (
	"context"

	"tandem/internal/core"
)

// Choices is a side whose fields of choices can be given more of them: HubSpot.
type Choices interface {
	// ChoicesAdd adds options to a field beside those that it has. One whose label is
	// taken gets its value behind it, since labels are unique. It gives back all that the
	// field has then.
	ChoicesAdd(ctx context.Context, object core.Object, field string, more []Option) ([]Option, error)
	// ChoicesRename gives the options of a field the labels that labelsOf has for their
	// values, under the same rule; an option without one keeps its own. Where all have
	// theirs it writes nothing.
	ChoicesRename(ctx context.Context, object core.Object, field string, labelsOf func(values []string) (map[string]string, error)) error
}
