package hubspotsim

import "net/http"

func isPage(path string) bool { return path == "/" }

func (p *Portal) buildPages() http.Handler { return http.NotFoundHandler() }
