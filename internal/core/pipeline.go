package core

// Pipeline is the way that records of an object go: a sales process with the record
// type that has it on Salesforce, a pipeline on HubSpot.
type Pipeline struct {
	// ID is that of the record type or of the pipeline; blank for the only sales
	// process of an org without record types.
	ID     string  `json:"id"`
	Label  string  `json:"label"`
	Stages []Stage `json:"stages"` // in their order
}

// Stage is one step of a pipeline.
type Stage struct {
	ID    string `json:"id"` // the API value of StageName, or the id of HubSpot's stage
	Label string `json:"label"`
	// Chance is the probability of winning in percent, 0 to 100.
	Chance int  `json:"chance"`
	Closed bool `json:"closed,omitempty"`
	Won    bool `json:"won,omitempty"`
}

// PipelineLink says which pipeline carries the records of a sales process, and which
// of its stages stands for which of Salesforce's.
type PipelineLink struct {
	RecordType string      `json:"record_type"` // blank in an org without record types
	Pipeline   string      `json:"pipeline"`    // HubSpot's id
	Stages     []StageLink `json:"stages"`
}

// StageLink is a stage of Salesforce, by its API value, with the id of HubSpot's.
type StageLink struct {
	Salesforce string `json:"salesforce"`
	HubSpot    string `json:"hubspot"`
}
