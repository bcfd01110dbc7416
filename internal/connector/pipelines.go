package connector

import (
	"context"

	"tandem/internal/core"
)

// Processes is a side that tells which stages the records of each record type go
// through: Salesforce.
type Processes interface {
	// Processes lists the sales processes of opportunities, or the support processes of
	// cases, by active record type, in the order of the record types; one without an id
	// in an org that has none.
	Processes(ctx context.Context, object core.Object) ([]core.Pipeline, error)
}

// Pipelines is a side whose pipelines can be read and made: HubSpot.
type Pipelines interface {
	// Pipelines lists the pipelines of an object with their stages in order.
	Pipelines(ctx context.Context, object core.Object) ([]core.Pipeline, error)
	// PipelineCreate makes a pipeline with its stages and gives it back with all ids.
	// One of the same label is refused (Rejected), as is one above what the account's
	// subscription allows.
	PipelineCreate(ctx context.Context, object core.Object, p core.Pipeline) (core.Pipeline, error)
	// StageSave makes a stage of a pipeline, or changes the one whose id is given, and
	// gives its id. The order is its place in the pipeline, from 0.
	StageSave(ctx context.Context, object core.Object, pipeline string, s core.Stage, order int) (string, error)
}

// Labels is a side whose associations have labels: HubSpot.
type Labels interface {
	// Labels lists the texts of the labels from one object to another.
	Labels(ctx context.Context, from, to core.Object) ([]string, error)
	// LabelCreate makes a label; one that is there already is refused (Rejected), as is
	// one above what the account takes.
	LabelCreate(ctx context.Context, from, to core.Object, text string) error
	// Relate lets records of two objects be associated, where one is a custom object and
	// they could not be yet. A right that is missing is refused (Auth, Rejected).
	Relate(ctx context.Context, from, to core.Object) error
}

// Relations is a side whose associations are no fields of a record: HubSpot.
type Relations interface {
	// Relations reads the associations of records of an object with those of another one, by
	// id, and nothing else of them: 1000 records a call. A record without any has no entry.
	Relations(ctx context.Context, from, to core.Object, ids []string) (map[string][]core.Relation, error)
}
