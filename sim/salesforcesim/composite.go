package salesforcesim

import "net/http"

func (o *Org) composite(c *call) *answer { return refusal(notFound()) }
func (o *Org) bulk(c *call) *answer      { return refusal(notFound()) }

type jobList struct{}

func newJobList() *jobList                                                   { return &jobList{} }
func (*jobList) queries() int                                                { return 0 }
func (o *Org) runJobs()                                                      {}
func (o *Org) servePage(w http.ResponseWriter, r *http.Request, path string) { http.NotFound(w, r) }
func (o *Org) Load(dir string) (LoadReport, error)                           { return LoadReport{}, nil }
func (o *Org) LoadSample(seed uint64)                                        {}
