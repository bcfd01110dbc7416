package salesforce

import (
	"context"
	"time"

	"tandem/internal/core"
)

// grantsFor is how long a permission that was seen is taken as given: long enough for the
// objects that a connection describes when it opens.
const grantsFor = time.Minute

// grants are the objects of which the user may read all records, from one question.
type grants struct {
	objects map[string]bool
	asked   time.Time
}

// viewAll asks whether a permission set or the profile of the user lets it read all
// records of the object. One question tells it of every object; a missing permission is
// asked for each time, since somebody is about to give it. An org that does not show its
// permissions to the user tells nothing, which counts as no.
func (c *Client) viewAll(ctx context.Context, object core.Object) (bool, error) {
	c.schemas.mu.Lock()
	known := c.schemas.grants
	c.schemas.mu.Unlock()
	if known.objects[string(object)] && c.cfg.Now().Sub(known.asked) < grantsFor {
		return true, nil
	}
	user, err := c.userID(ctx)
	if err != nil {
		return false, err
	}
	fresh := grants{objects: map[string]bool{}, asked: c.cfg.Now()}
	rows, err := c.queryAll(ctx, "query", "SELECT SobjectType FROM ObjectPermissions WHERE PermissionsViewAllRecords = true"+
		" AND ParentId IN (SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = "+quote(user)+")")
	if refusedForGood(err) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for _, row := range rows {
		fresh.objects[record("ObjectPermissions", row, []string{"SobjectType"}).Values["SobjectType"]] = true
	}
	c.schemas.mu.Lock()
	c.schemas.grants = fresh
	c.schemas.mu.Unlock()
	return fresh.objects[string(object)], nil
}
