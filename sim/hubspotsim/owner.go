package hubspotsim

// owner is a person records can be assigned to. Records hold ID, not UserID.
type owner struct {
	ID        string
	UserID    int
	Email     string
	FirstName string
	LastName  string
	Inactive  bool
	Team      string
}

// defaultOwners is the staff of every new portal; one has left.
func defaultOwners() []owner {
	return []owner{
		{ID: "41629779", UserID: 1296619, Email: "ada.admin@portal.example", FirstName: "Ada", LastName: "Admin", Team: "West"},
		{ID: "41629780", UserID: 1296620, Email: "sam.seller@portal.example", FirstName: "Sam", LastName: "Seller", Team: "West"},
		{ID: "41629781", UserID: 1296621, Email: "rita.rep@portal.example", FirstName: "Rita", LastName: "Rep", Team: "East"},
		{ID: "41629782", UserID: 1296622, Email: "gone.person@portal.example", FirstName: "Gone", LastName: "Person", Inactive: true},
	}
}

// owner finds an owner by id, also one who has left.
func (p *Portal) owner(id string) *owner {
	for i := range p.owners {
		if p.owners[i].ID == id {
			return &p.owners[i]
		}
	}
	return nil
}
