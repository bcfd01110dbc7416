package salesforce

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tandem/internal/core"
)

// standardChannel carries the changes of all selected entities.
const standardChannel = "ChangeEvents"

// AnnouncedAtMost is how many objects an org without the add-on announces changes of
// (Change Data Capture Developer Guide, "Change Data Capture Allocations").
const AnnouncedAtMost = 5

// Selection says whether an object's changes are announced.
type Selection struct {
	Object  core.Object
	State   string // "present", "created", "missing"
	Message string // for missing: what Salesforce said and what to do
}

// SelectEntities selects objects for Change Data Capture. Without the add-on an
// org announces five objects; what could not be selected is to be polled.
func (c *Client) SelectEntities(ctx context.Context, objects []core.Object) ([]Selection, error) {
	selected, err := c.Selected(ctx)
	if declined(err) {
		err = nil // a user who may not look may still be told no by each attempt below
	}
	if err != nil {
		return nil, err
	}
	out := make([]Selection, len(objects))
	for i, object := range objects {
		if slices.Contains(selected, object) {
			out[i] = Selection{Object: object, State: statePresent}
			continue
		}
		if out[i], err = c.selectEntity(ctx, object); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *Client) selectEntity(ctx context.Context, object core.Object) (Selection, error) {
	event := eventName(object)
	member := channelMember{FullName: standardChannel + "_" + strings.ReplaceAll(event, "__", "_"), Metadata: channelMemberMetadata{Channel: standardChannel, Entity: event}}
	_, err := c.post(ctx, c.data("/tooling/sobjects/PlatformEventChannelMember"), member, nil)
	if hasCode(err, "DUPLICATE_DEVELOPER_NAME") {
		return Selection{Object: object, State: statePresent}, nil
	}
	if hasCode(err, "LIMIT_EXCEEDED") {
		return Selection{Object: object, State: stateMissing, Message: NoneLeft(object) + " (Salesforce said: " + said(err) + ")"}, nil
	}
	if declined(err) {
		return Selection{Object: object, State: stateMissing, Message: "in Setup, Change Data Capture, select " + string(object) + ", or let it be polled (Salesforce said: " + said(err) + ")"}, nil
	}
	return Selection{Object: object, State: stateCreated}, err
}

// NoneLeft says what to do about an object that an org has no place left for among those
// whose changes it announces.
func NoneLeft(object core.Object) string {
	return fmt.Sprintf("let %s be polled, which needs nothing; for changes within seconds take an object that nothing needs out of Setup, Change Data Capture, and run tandem init --fields again, or get the add-on: without it an org announces %d objects",
		object, AnnouncedAtMost)
}

// Selected lists the objects that the standard channel announces.
func (c *Client) Selected(ctx context.Context) ([]core.Object, error) {
	rows, err := c.queryAll(ctx, "tooling/query", "SELECT EventChannel,SelectedEntity FROM PlatformEventChannelMember")
	var out []core.Object
	for _, r := range rows {
		if text(r["EventChannel"]) == standardChannel {
			out = append(out, entityOf(text(r["SelectedEntity"])))
		}
	}
	slices.Sort(out)
	return out, err
}

// eventName is the name of an object's change event: AccountChangeEvent,
// Foo__ChangeEvent for Foo__c.
func eventName(object core.Object) string {
	if base, ok := strings.CutSuffix(string(object), "__c"); ok {
		return base + "__ChangeEvent"
	}
	return string(object) + "ChangeEvent"
}

// entityOf undoes eventName.
func entityOf(event string) core.Object {
	if base, ok := strings.CutSuffix(event, "__ChangeEvent"); ok {
		return core.Object(base + "__c")
	}
	return core.Object(strings.TrimSuffix(event, "ChangeEvent"))
}
