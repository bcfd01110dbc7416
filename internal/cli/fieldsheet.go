package cli

import (
	"context"

	"tandem/internal/config"
	"tandem/internal/engine/conn"
)

// doFieldSheet tells what a list of mappings may join and what is wrong with it, as the
// settings given have it.
func doFieldSheet(ctx context.Context, c *wired, rq request) (any, error) {
	settings, err := config.Stored(c.conn.Wanted, []byte(rq.Settings))
	if err != nil {
		return nil, &problem{Code: codeSettings, Message: err.Error(), exit: exitUsage}
	}
	list, ok := settings.MappingList(rq.List)
	if !ok {
		return nil, usage("there is no list of mappings named "+rq.List, "name an object of the settings")
	}
	all, _ := conn.ListedMappings(settings, list)
	return c.conn.FieldSheet(ctx, list, all, rq.Fields)
}
