// Package owners is the room of who owns records: the users of both sides, read and
// paired, and who is left without a partner when a connection ends. It may know the
// users, the links and the settings of owners. It never writes to a side and decides
// nothing about a record; what an owner becomes on the other side is said by the mapping.
package owners
