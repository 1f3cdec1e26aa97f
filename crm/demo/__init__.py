"""The demo company: invented by `generator`, its accounts named by `accounts`."""
