"""The demonstration edition: invented companies in every stage. It touches every room, so it lives in the last one."""
