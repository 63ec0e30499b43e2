# SPDX-License-Identifier: MIT
extends "res://suite.gd"


func test_look_up() -> void:
	var ip := SPSIP.new()
	var id := ip.resolve_hostname_queue_item("localhost")
	check(id >= 0, "no item")
	until(func() -> bool:
		return ip.get_resolve_item_status(id) != SPSIP.RESOLVER_STATUS_WAITING, "an answer")
	equal(ip.get_resolve_item_status(id), SPSIP.RESOLVER_STATUS_DONE, "the status")
	check(ip.get_resolve_item_address(id) in ["::1", HOST], "the address")
	check(HOST in ip.get_resolve_item_addresses(id), "the addresses")
	ip.erase_resolve_item(id)
	equal(ip.get_resolve_item_status(id), SPSIP.RESOLVER_STATUS_NONE, "the status afterwards")
	equal(ip.resolve_hostname_queue_item("localhost", SPSIP.TYPE_IPV4), id, "the item's number")
	equal(ip.get_resolve_item_address(id), HOST, "the address of a family")


func test_failures() -> void:
	var ip := SPSIP.new()
	equal(ip.resolve_hostname_queue_item("not a host"), SPSIP.RESOLVER_INVALID_ID, "a wrong host")
	equal(ip.get_resolve_item_status(-5), SPSIP.RESOLVER_STATUS_NONE, "the status of no item")
	equal(ip.get_resolve_item_error(-5), ERR_DOES_NOT_EXIST, "the error of no item")
	equal(ip.get_resolve_item_addresses(1 << 40), [], "the addresses of no item")
	var id := ip.resolve_hostname_queue_item("nobody.invalid")
	until(func() -> bool:
		return ip.get_resolve_item_status(id) != SPSIP.RESOLVER_STATUS_WAITING, "an answer")
	equal(ip.get_resolve_item_status(id), SPSIP.RESOLVER_STATUS_ERROR, "the status")
	equal(ip.get_resolve_item_error(id), ERR_CANT_RESOLVE, "the error")
	equal(ip.get_resolve_item_address(id), "", "the address")
	ip.clear_cache("nobody.invalid")
	ip.clear_cache()


func test_this_machine() -> void:
	var ip := SPSIP.new()
	check(HOST in ip.get_local_addresses(), "the loopback address is missing")
	var found := false
	for interface in ip.get_local_interfaces():
		check(interface.has_all(["name", "friendly", "index", "addresses"]), "a key is missing")
		found = found or HOST in interface.addresses
	check(found, "no interface has the loopback address")
