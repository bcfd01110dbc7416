package cli

import (
	"context"

	"tandem/internal/config"
	"tandem/internal/engine/conn"
)

// drafted is a list of mappings as the settings of a request have it.
func drafted(c *wired, rq request) (list config.MappingList, all []config.Mapping, err error) {
	settings, err := config.Stored(c.conn.Wanted, []byte(rq.Settings))
	if err != nil {
		return list, nil, &problem{Code: codeSettings, Message: err.Error(), exit: exitUsage}
	}
	list, ok := settings.MappingList(rq.List)
	if !ok {
		return list, nil, usage("there is no list of mappings named "+rq.List, "name an object of the settings")
	}
	all, _ = conn.ListedMappings(settings, list)
	return list, all, nil
}

// doFieldSheet tells what a list of mappings may join and what is wrong with it.
func doFieldSheet(ctx context.Context, c *wired, rq request) (any, error) {
	list, all, err := drafted(c, rq)
	if err != nil {
		return nil, err
	}
	return c.conn.FieldSheet(ctx, list, all, rq.Fields)
}

// doTryMapping tells what a mapping makes of the values of a few linked records.
func doTryMapping(ctx context.Context, c *wired, rq request) (any, error) {
	list, all, err := drafted(c, rq)
	if err != nil {
		return nil, err
	}
	return c.engine.TryMapping(ctx, c.conn, list, all, rq.Fields)
}
