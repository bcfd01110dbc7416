package console

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"sync"
)

// policyHeader lets a page load what the console itself serves and nothing else, and no
// other site show it in a frame. Pico has its icons as data.
const policyHeader = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// hardened sets what every answer says to a browser.
func hardened(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policyHeader)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		// With no-referrer a browser would not say where a form was sent from.
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r)
	})
}

//go:embed assets
var assets embed.FS

// assetVersions are digests of the assets by file name, so that a browser keeps each for as
// long as it is the same.
var assetVersions = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	files, _ := fs.ReadDir(assets, "assets") // it is in the binary
	for _, f := range files {
		text, _ := assets.ReadFile(path.Join("assets", f.Name()))
		sum := sha256.Sum256(text)
		out[f.Name()] = hex.EncodeToString(sum[:6])
	}
	return out
})

// asset is the address of an asset.
func asset(name string) string { return "/assets/" + name + "?v=" + assetVersions()[name] }

func serveAsset(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	if r.URL.Query().Get("v") == assetVersions()[name] {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeFileFS(w, r, assets, path.Join("assets", name))
}
