package config

// OIDC is the identity provider by which people sign in to the console, beside those who
// have a password there.
type OIDC struct {
	Issuer       string   `yaml:"issuer"`
	ClientID     string   `yaml:"client_id"`
	ClientSecret Secret   `yaml:"client_secret"`
	PublicURL    string   `yaml:"public_url"`
	Scopes       []string `yaml:"scopes,omitempty"`
	NameClaim    string   `yaml:"name_claim,omitempty"`
	GroupsClaim  string   `yaml:"groups_claim,omitempty"`
	Admins       []string `yaml:"admins,omitempty"`
	Operators    []string `yaml:"operators,omitempty"`
	Viewers      []string `yaml:"viewers,omitempty"`
	Everybody    string   `yaml:"everybody,omitempty"` // a role, blank for none
}

func (o *OIDC) complete() {
	if o == nil {
		return
	}
	set(&o.NameClaim, "email")
	set(&o.GroupsClaim, "groups")
}

// check refuses a provider that could not be asked, or whose answers anybody on the way
// could write.
func (o *OIDC) check(at finder) error {
	if o == nil {
		return nil
	}
	if err := checkURL(at, ".issuer", o.Issuer); err != nil {
		return err
	}
	if err := checkURL(at, ".public_url", o.PublicURL); err != nil {
		return err
	}
	if err := needs(at, field{".client_id", o.ClientID}, field{".client_secret", o.ClientSecret.Reveal()}); err != nil {
		return err
	}
	if o.Everybody == "" {
		return nil
	}
	return oneOf(at, ".everybody", o.Everybody, "viewer", "operator", "admin")
}
