"""The deliberate breakages: what each of them replaces, which guarantee that breaks, and the tests that have to notice.

How they were chosen: from the safety guarantees in ``docs/safety.md``, one after the other, and from the promises that
scripts rely on (exit codes). For each guarantee, the lines of code that keep it were looked up, and broken as a hurried
change might break them: a condition that is dropped, turned round or too weak, a call that is left out, a constant that
is wrong. None is a typing error that the type checker would find, or that breaks every restore. Where two lines keep
the same guarantee independently, neither is here alone: breaking one of them would harm nobody.
"""

from __future__ import annotations

from typing import NamedTuple


class Mutation(NamedTuple):
    """``source`` occurs once in ``file``, and is replaced by ``replacement``. ``tests`` are files, or
    single tests of a file that takes long."""

    file: str
    source: str
    replacement: str
    consequence: str
    """What the program does then, in a sentence."""
    tests: tuple[str, ...]

    def apply(self, text: str) -> str:
        """Return the text of the file, broken. Raises ValueError where ``source`` does not occur exactly once."""
        count = text.count(self.source)
        if count != 1:
            raise ValueError(f"{self.file}: the text of {self.consequence!r} occurs {count} times, not once")
        return text.replace(self.source, self.replacement)


_EXCHANGE = "restore_tui/kinetica/exchange.py"
_TRANSPORT = "restore_tui/kinetica/connection/transport.py"
_CERTIFICATES = "restore_tui/kinetica/connection/certificates.py"
_CONFIG = "restore_tui/config.py"
_REDACTION = "restore_tui/kinetica/connection/redaction.py"
_ENVELOPE = "restore_tui/kinetica/responses/envelope.py"
_ACCESS_TYPES = "restore_tui/kinetica/reference/access_types.py"
_SANITIZE = "restore_tui/kinetica/sanitize.py"
_SESSION = "restore_tui/restore/session.py"
_PREFLIGHT = "restore_tui/restore/preflight/preflight.py"
_CONFIRMED = "restore_tui/restore/execution/confirmed_restore.py"
_EXECUTOR = "restore_tui/restore/execution/executor.py"
_CONFIRMATION = "restore_tui/restore/execution/confirmation.py"
_FINAL_CHECK = "restore_tui/restore/execution/final_check.py"
_SEND_CONTROL = "restore_tui/restore/execution/send_control.py"
_EXIT_STATUS = "restore_tui/restore/execution/exit_status.py"
_RUNS = "restore_tui/restore/execution/runs.py"
_REQUEST = "restore_tui/restore/plan/request.py"
_PLAN = "restore_tui/restore/plan/plan.py"
_SCHEMA_MAP = "restore_tui/restore/plan/schema_map.py"
_DRY_RUN = "restore_tui/restore/preflight/dry_run.py"
_OBJECT_LISTS = "restore_tui/restore/preflight/object_lists.py"
_OBJECT_LIST_WORDS = "restore_tui/restore/preflight/object_list_words.py"
_ONLY_MISSING = "restore_tui/restore/preflight/only_missing.py"
_ASSESSMENT = "restore_tui/restore/outcome/assessment.py"
_EVIDENCE = "restore_tui/restore/outcome/evidence.py"
_HISTORY_EVIDENCE = "restore_tui/restore/outcome/history_evidence.py"
_OUTCOME_QUERY = "restore_tui/restore/outcome/outcome_query.py"
_OUTCOME = "restore_tui/restore/outcome/outcome.py"
_STORE = "restore_tui/restore/receipts/store.py"
_CONFIRM_SCREEN = "restore_tui/tui/screens/confirm.py"
_LEAVING = "restore_tui/tui/leaving_app.py"
_KEY_GATE = "restore_tui/tui/terminal/key_gate.py"
_INPUT_FILTER = "restore_tui/tui/terminal/input_filter.py"

_LAST_SECOND = "tests/tui/test_last_second.py"
_BURSTS = "tests/tui/test_bursts.py"

_ONE_POST = (
    Mutation(
        _EXCHANGE,
        "            raise cause.for_restore(left=watch.left) from None\n        except KineticaError as error:",
        "            if may_be_retried(error) and most is None:\n"
        "                return await self._send_once(\n"
        "                    endpoint, body, watch, real=real, most=READ_SECONDS, names=names\n"
        "                )\n"
        "            raise cause.for_restore(left=watch.left) from None\n        except KineticaError as error:",
        "A restore whose connection breaks is sent a second time.",
        ("tests/kinetica/test_verdict.py",),
    ),
    Mutation(
        _TRANSPORT,
        "follow_redirects=False",
        "follow_redirects=True",
        "A restore follows a redirect, and is sent to another address.",
        ("tests/kinetica/test_verdict.py",),
    ),
    Mutation(
        _TRANSPORT,
        "proxy = httpx.Proxy(self.proxy) if self.proxy else None",
        'proxy = httpx.Proxy(self.proxy or os.environ["HTTP_PROXY"]) if os.environ.get("HTTP_PROXY") else None',
        "A restore goes through a proxy that the environment names.",
        ("tests/kinetica/test_verdict.py",),
    ),
    Mutation(
        _EXCHANGE,
        "async with self.link.open_client(answer_seconds=self.link.timeout or most) as http:",
        "http = self._read_client()\n            if http:",
        "A restore is sent on a connection that reads have used, and that may be dead.",
        ("tests/kinetica/test_verdict.py", "tests/kinetica/test_connection.py"),
    ),
    Mutation(
        _EXECUTOR,
        "        lost_at = clock.monotonic()\n        if ticket is not None:",
        "        lost_at = clock.monotonic()\n"
        "        if ticket is None:\n"
        "            response, error = await _send_once(\n"
        "                lambda watch: client.restore_backup(body, watch), control, recheck\n"
        "            )\n"
        "        if ticket is not None:",
        "A restore whose job is refused or lost is sent again as a direct request.",
        ("tests/restore/test_ways.py",),
    ),
    Mutation(
        _EXECUTOR,
        "    confirmation.consume()\n",
        "",
        "One confirmation sends two restores.",
        ("tests/restore/test_execution.py",),
    ),
    Mutation(
        _CONFIRMED,
        "def take_the_dry_run() -> None:\n            self._preflight.dry_run = None",
        "def take_the_dry_run() -> None:\n            pass",
        "A dry run can be confirmed again after its restore was sent.",
        ("tests/restore/test_session.py",),
    ),
    Mutation(
        _DRY_RUN,
        "return error.http_status == HTTPStatus.NOT_FOUND",
        "return True",
        "A dry run whose response was lost is sent again by itself.",
        ("tests/restore/test_ways.py",),
    ),
)

_DRY_RUN_FIRST = (
    Mutation(
        _CONFIRMATION,
        "void = dry_run.staleness_reason(plan, target, now, max_age)",
        "void = None",
        "A restore is confirmed on a stale dry run.",
        ("tests/restore/test_authorise.py",),
    ),
    Mutation(
        _DRY_RUN,
        "if age > max_age:",
        "if age > 2 * max_age:",
        "A dry run counts for twice as long as configured.",
        ("tests/restore/test_authorise.py",),
    ),
    Mutation(
        _PREFLIGHT,
        "return max(self._clock.now(), dry_run.at + timedelta(seconds=elapsed))",
        "return self._clock.now()",
        "A dry run stays young if the clock is set back.",
        ("tests/restore/test_session.py",),
    ),
    Mutation(
        _REQUEST,
        "where = asdict(target)\n",
        'where = {"url": target.url, "label": ""}\n',
        "A dry run made as another user, or against another cluster at the same URL, counts.",
        ("tests/restore/test_authorise.py::test_another_target_gets_no_leave",),
    ),
    Mutation(
        _REQUEST,
        '{"body": restore_body(plan, dry_run=False),',
        '{"body": {**restore_body(plan, dry_run=False), "options": {}},',
        "A dry run counts although options were changed since.",
        ("tests/restore/test_authorise.py::test_a_changed_plan_gets_no_leave",),
    ),
    Mutation(
        _REQUEST,
        '"true" if dry_run else "false"',
        '"false"',
        "The dry run restores.",
        ("tests/restore/test_request.py",),
    ),
    Mutation(
        _DRY_RUN,
        "    if foreign:\n        raise DryRunMismatch(\n"
        '            client.redact(" ".join(_mismatch(difference, snapshots) for difference in foreign))\n        )\n',
        "",
        "A dry run of another backup or snapshot can be confirmed.",
        ("tests/restore/test_session.py",),
    ),
    Mutation(
        _PREFLIGHT,
        "self.dry_run = self.conflicts = None\n        problems = self._choices.problems()",
        "problems = self._choices.problems()",
        "A dry run that is refused or stopped leaves the one before it in force.",
        ("tests/restore/test_session.py",),
    ),
    Mutation(
        _CONFIRMED,
        "        control.last_check = last_check\n",
        "",
        "A dry run that becomes stale while the receipt is written is restored all the same.",
        (f"{_LAST_SECOND}::test_the_age_is_checked_after_everything_else",),
    ),
    Mutation(
        _SESSION,
        "        if self.policy.dry_run_only:\n"
        '            raise RuntimeError("--dry-run-only never sends a real restore")\n',
        "",
        "--dry-run-only lets a restore be confirmed.",
        ("tests/restore/test_session.py",),
    ),
    Mutation(
        _CONFIRMED,
        "        if new:\n            raise ChangedSinceShownError(new, found)\n",
        "",
        "What is new since the confirmation was shown, such as another restore, is not shown.",
        (f"{_LAST_SECOND}::test_what_is_new_at_enter_needs_enter_again",),
    ),
    Mutation(
        _CONFIRMED,
        '            if new:\n                raise RestoreBlockedError(" ".join(new))\n',
        "",
        "Two wizards that confirm at once restore the same backup twice.",
        (f"{_LAST_SECOND}::test_two_wizards_that_confirm_at_once_do_not_both_send",),
    ),
    Mutation(
        _PLAN,
        "if allowed and value not in allowed:",
        "if allowed and not value:",
        "A policy that drops what nobody selected (clean) is sent.",
        ("tests/restore/test_request.py",),
    ),
)

_CONFIRMED_BY_A_PERSON = (
    Mutation(
        _CONFIRMATION,
        "if typed != confirmation_phrase(dry_run):",
        "if not confirmation_phrase(dry_run).startswith(typed):",
        "The beginning of the backup's name, or nothing at all, confirms.",
        ("tests/restore/test_authorise.py",),
    ),
    Mutation(
        _CONFIRMATION,
        "    if label:\n",
        '    if label == "PRODUCTION ":\n',
        "The backup's name alone confirms on a server with a label.",
        ("tests/restore/test_authorise.py::test_a_label_comes_before_what_else_has_to_be_typed",),
    ),
    Mutation(
        _CONFIG,
        "dry_run_only=self.dry_run_only or any(server.dry_run_only for server in servers),",
        "dry_run_only=self.dry_run_only,",
        "A restore is possible on a server with dry runs only, if its URL is typed.",
        ("tests/test_servers.py",),
    ),
    Mutation(
        _CERTIFICATES,
        "if self.getpeercert(binary_form=True) != der:",
        "if not self.getpeercert(binary_form=True):",
        "A certificate that the trusted one has signed is accepted in its place, and the login is sent.",
        ("tests/kinetica/test_certificates.py",),
    ),
    Mutation(
        _TRANSPORT,
        "return _system_trust() if self.trusted is None else",
        "return _system_trust() if self.trusted is not None else",
        "A trusted certificate is not the only one that is accepted.",
        ("tests/kinetica/test_certificates.py",),
    ),
    Mutation(
        _ACCESS_TYPES,
        '            "for certain: each of these may be one.",\n            needs_user_name=True,\n',
        '            "for certain: each of these may be one.",\n',
        "Roles that the login may have are replaced without its name being typed.",
        ("tests/restore/test_authorise.py",),
    ),
    Mutation(
        _CONFIRM_SCREEN,
        "        if self.wizard.gate.delivers_burst:\n            self.notify_user(_BURST)\n            return\n",
        "",
        "A name that is pasted together with Enter confirms.",
        ("tests/tui/test_screens_confirm.py::test_refuses_name_and_enter_in_one_burst",),
    ),
    Mutation(
        _CONFIRM_SCREEN,
        "gone = await self.wizard.gate.discard_type_ahead(self.wizard.quiet)",
        "gone = 0",
        "A name and Enter that were typed ahead confirm.",
        (f"{_BURSTS}::test_a_name_typed_ahead_confirms_nothing",),
    ),
)

_WITHDRAWN = (
    Mutation(
        _SEND_CONTROL,
        "            if self.stop.is_set():\n                raise WithdrawnError\n",
        "",
        "A restore is sent although Esc came before its request had left.",
        ("tests/restore/test_execution.py",),
    ),
    Mutation(
        _SEND_CONTROL,
        "            await self._input_settled()\n",
        "",
        "A restore is sent although the Esc that withdraws it is already on its way.",
        (f"{_LAST_SECOND}::test_the_request_waits_until_a_byte_is_decided",),
    ),
    Mutation(
        _LEAVING,
        "            self.restore.send_control.withdraw()\n",
        "            pass\n",
        "A restore is sent although the wizard crashed before its request had left.",
        (f"{_LAST_SECOND}::test_a_crash_while_it_is_prepared_sends_nothing",),
    ),
)

_NOT_SENT_IS_PROVEN = (
    Mutation(
        _TRANSPORT,
        "                self.left = True",
        "                self.left = False",
        "A request that has left is called not sent.",
        ("tests/kinetica/test_verdict.py",),
    ),
    Mutation(
        _TRANSPORT,
        'if getattr(request, "method", b"") != b"CONNECT":',
        "if request is not None:",
        "A proxy that refuses to connect makes the outcome unknown.",
        ("tests/kinetica/test_verdict.py",),
    ),
)

_RECEIPT_FIRST = (
    Mutation(
        _EXECUTOR,
        "    if store is not None:\n        await asyncio.to_thread(store.write, entry)\n",
        "",
        "A restore is sent before its receipt is written.",
        ("tests/restore/test_execution.py",),
    ),
    Mutation(
        _STORE,
        "        Path(temporary).replace(place)",
        "        Path(temporary).chmod(0o644)\n        Path(temporary).replace(place)",
        "Receipts can be read by everybody.",
        ("tests/restore/test_execution.py",),
    ),
)

_NEVER_MORE_THAN_IS_KNOWN = (
    Mutation(
        _ASSESSMENT,
        "Verdict.UNKNOWN if isinstance(error, OutcomeUnknown) else Verdict.FAILED",
        "Verdict.FAILED",
        "A lost response is called a failure.",
        ("tests/restore/test_assessment.py",),
    ),
    Mutation(
        _ASSESSMENT,
        "    if foreign:\n        return Assessment(Verdict.UNKNOWN, foreign, messages)\n",
        "",
        "A response about another restore is taken for this one's.",
        ("tests/restore/test_assessment.py",),
    ),
    Mutation(
        _ASSESSMENT,
        "unfinished = _unfinished(lines, response)",
        'unfinished = ""',
        "A restore that is only accepted, or still goes on, is called restored.",
        ("tests/restore/test_assessment.py",),
    ),
    Mutation(
        _ASSESSMENT,
        "    if tally.missing:\n        return Verdict.PARTLY, empty\n",
        "",
        "A response that leaves out requested objects is called restored.",
        ("tests/restore/test_assessment.py",),
    ),
    Mutation(
        _ASSESSMENT,
        "Verdict.UNKNOWN if silence or empty else Verdict.RESTORED",
        "Verdict.UNKNOWN if empty else Verdict.RESTORED",
        "A response that names no object is called restored, although the dry run named some.",
        ("tests/restore/test_assessment.py",),
    ),
    Mutation(
        _ASSESSMENT,
        "    if any(line.is_reported_restored for line in lines):\n        return Verdict.PARTLY, unread\n",
        "",
        "A restore that failed for some objects is called failed or unknown.",
        ("tests/restore/test_assessment.py",),
    ),
    Mutation(
        _OBJECT_LISTS,
        "        self.unread.append(to_str(value))",
        "        to_str(value)",
        "What cannot be read in a response is dropped, failures too.",
        ("tests/restore/test_object_lists.py", "tests/restore/test_assessment.py"),
    ),
    Mutation(
        _OBJECT_LIST_WORDS,
        "or any(_is_error(found[alias]) for alias in _ERROR if alias in found)",
        "or any(_is_error(found[alias]) for alias in _ERROR[:1] if alias in found)",
        "An object with an error code in its entry is called restored.",
        ("tests/restore/test_object_lists.py", "tests/restore/test_assessment.py"),
    ),
    Mutation(
        _OBJECT_LIST_WORDS,
        "if any(state and state.split()[0].strip(",
        "if any(not state and state.split()[0].strip(",
        "An object whose status is queued, or a word that nobody knows, is called restored.",
        ("tests/restore/test_object_lists.py", "tests/restore/test_assessment.py"),
    ),
    Mutation(
        _ENVELOPE,
        "frozenset({200, 400, 401, 403, 404})",
        "frozenset({200, 400, 401, 403, 404, 500, 502, 503, 504})",
        "An error page of a gateway is called a failure of the restore.",
        ("tests/kinetica/test_verdict.py",),
    ),
    Mutation(
        _ENVELOPE,
        "_PROVES_AN_OK = frozenset({200, 201})",
        "_PROVES_AN_OK = frozenset(range(200, 300))",
        "An OK in HTTP 202, which only accepts the request, is taken for its end.",
        ("tests/kinetica/test_verdict.py",),
    ),
    Mutation(
        _ENVELOPE,
        'if outer.get("data_type") != data_type:',
        'if not outer.get("data_type"):',
        "A response of another endpoint is taken for the restore's.",
        ("tests/kinetica/test_verdict.py",),
    ),
    Mutation(
        _ENVELOPE,
        "        if speaks_of_going_away(envelope.message, names):\n"
        "            raise OutcomeUnknown(GOING_AWAY, server_message=words)\n",
        "",
        "A server that shuts down during the restore is believed that nothing was restored.",
        ("tests/kinetica/test_verdict.py",),
    ),
    Mutation(
        _ENVELOPE,
        "    if len(made) != len(pairs):\n        raise RepeatedKey\n",
        "",
        "Of a key that comes twice in a response, one value is dropped, a failure too.",
        ("tests/kinetica/test_verdict.py", "tests/restore/test_following.py"),
    ),
    Mutation(
        _HISTORY_EVIDENCE,
        'if not _names_exactly(row["objects"], trace.names):',
        'if row["objects"] == "":',
        "A row of the history that names other objects as well settles the outcome.",
        ("tests/restore/test_evidence.py",),
    ),
    Mutation(
        _OUTCOME_QUERY,
        "    if before is None or key in before:\n        return False\n",
        "    if before is None:\n        return False\n",
        "What was there before the restore is taken for evidence of it.",
        ("tests/restore/test_evidence.py",),
    ),
    Mutation(
        _EVIDENCE,
        "if cluster and server.cluster != cluster:",
        "if not cluster and server.cluster != cluster:",
        "Another cluster's jobs and history are evidence of this restore.",
        ("tests/restore/test_evidence.py",),
    ),
    Mutation(
        _EVIDENCE,
        "        in_history = _disputed(in_history)\n",
        "        pass\n",
        "The history calls a restore complete that its own job contradicts, and is believed.",
        ("tests/restore/test_evidence.py",),
    ),
    Mutation(
        _OUTCOME,
        "    if outcome.response is not None:\n        look = replace(",
        "    if outcome.response is None:\n        look = replace(",
        "A response of the restore's own that proves nothing is overruled by what is found beside it.",
        ("tests/restore/test_journal.py", "tests/tui/test_false_evidence.py"),
    ),
    Mutation(
        _EXECUTOR,
        "if ticket.id is None or before.isdisjoint({ticket.id, str(ticket.id)}):",
        "if ticket.id is None or before:",
        "The job of the dry run, or of somebody else, is followed as the restore's.",
        ("tests/restore/test_ways.py",),
    ),
    Mutation(
        _RUNS,
        "if not receipt.server.is_at(target.url, target.cluster):",
        "if not receipt.server.url:",
        "What another server knows settles an outcome.",
        ("tests/restore/test_taking_up.py",),
    ),
)

_SECRETS = (
    Mutation(
        "restore_tui/kinetica/connection/credentials.py",
        'return "Secret(…)"',
        "return self._value",
        "A password is shown where its holder is printed, as in a traceback.",
        ("tests/test_settings.py",),
    ),
    Mutation(
        _REDACTION,
        "            self._encoded |= _in_base64(secret)\n        elif",
        "        elif",
        "A server that quotes the login in base64 puts it on the screen and in the receipt.",
        ("tests/kinetica/test_redaction.py",),
    ),
    Mutation(
        _REDACTION,
        "    for pattern, instead in _OTHERS:\n        text = pattern.sub(instead, text)\n",
        "",
        "Secrets of others in a message, such as keys of the cloud storage, are shown.",
        ("tests/kinetica/test_redaction.py",),
    ),
    Mutation(
        _TRANSPORT,
        "words = sanitize(redact(str(error)), 300)",
        "words = sanitize(str(error), 300)",
        "An error of the HTTP library that quotes the login is logged and shown as it is.",
        ("tests/kinetica/test_verdict.py",),
    ),
    Mutation(
        _TRANSPORT,
        'if self.proxy and "@" in self.proxy:',
        'if self.proxy == "@":',
        "A proxy's URL with a password in it is used and shown.",
        ("tests/kinetica/test_verdict.py",),
    ),
)

_INPUT_FROM_OUTSIDE = (
    Mutation(
        _SANITIZE,
        "    if category in _UNSAFE:\n",
        '    if category == "Cc":\n',
        "Bidirectional controls and invisible characters of a name reach the screen.",
        ("tests/kinetica/test_text.py",),
    ),
    Mutation(
        _SANITIZE,
        '"\\n".join(sanitize(line) for line in lines)',
        '"\\n".join(lines)',
        "Control sequences in a message of the server reach the terminal.",
        ("tests/kinetica/test_text.py",),
    ),
    Mutation(
        _EXIT_STATUS,
        "from backup {sanitize(run.backup, 60)} to",
        "from backup {run.backup} to",
        "A backup's name acts on the terminal after the program has ended.",
        ("tests/restore/test_leaving.py",),
    ),
    Mutation(
        _INPUT_FILTER,
        "        elif is_late:\n            pass  #",
        "        elif is_late:\n            self._emit(Kind.KEY, sequence)  #",
        "A function key that a slow line splits is two keys: Esc, and another one.",
        ("tests/tui/terminal/test_input_filter.py",),
    ),
    Mutation(
        _INPUT_FILTER,
        "        if self._count == 3:",
        "        if self._count == 2:",
        "A mouse report in the oldest form types a letter that nobody pressed.",
        ("tests/tui/terminal/test_input_filter.py",),
    ),
    Mutation(
        _INPUT_FILTER,
        '_NOT_TEXT.sub("", self._pasted.decode("utf-8", "ignore"))',
        'self._pasted.decode("utf-8", "ignore")',
        "Control sequences in what is pasted are passed on as text.",
        ("tests/tui/terminal/test_input_filter.py",),
    ),
    Mutation(
        _INPUT_FILTER,
        "except UnicodeDecodeError:",
        "except UnicodeEncodeError:",
        "Bytes that are no character end the program.",
        ("tests/tui/terminal/test_input_filter.py",),
    ),
)

_KEYS_GO_WHERE_THEY_WERE_MEANT = (
    Mutation(
        _KEY_GATE,
        "        if self._held:\n            return None\n",
        "",
        "Keys that are pressed while a step loads act on whatever is there.",
        (f"{_BURSTS}::test_enter_during_a_load_waits_for_the_list_that_it_was_meant_for",),
    ),
    Mutation(
        _KEY_GATE,
        "                pending.meant_for = self._depth",
        "                pending.meant_for = None",
        "Keys that wait for a step go into a dialog that is opened meanwhile.",
        (f"{_BURSTS}::test_keys_that_wait_for_a_load_do_not_go_into_the_help",),
    ),
    Mutation(
        _KEY_GATE,
        "        self.thrown_away += 1  # a click is never kept for later: something else stands there by then\n"
        "        return True",
        "        return False",
        "The second click of a double click presses what stands there next.",
        (f"{_BURSTS}::test_a_double_click_on_restore_does_not_press_what_stands_there_next",),
    ),
)

_WHAT_IS_RESTORED = (
    Mutation(
        _REQUEST,
        "        return plan.snapshot_id\n",
        '        return ""\n',
        "The newest snapshot is restored in place of the chosen one.",
        ("tests/restore/test_request.py",),
    ),
    Mutation(
        _FINAL_CHECK,
        'if ("" if newest is None else newest.id) != dry_run.snapshot_id:',
        "if newest is None:",
        "The newest snapshot is restored although it is not the one of the dry run.",
        ("tests/restore/test_preflight.py",),
    ),
    Mutation(
        _SESSION,
        "if isinstance(plan.snapshot, NewestSnapshot) and dry_run.snapshot_id.isdecimal():\n            plan =",
        "if plan.snapshot is None:\n            plan =",
        "What a restore of the newest snapshot left out is restored from another snapshot.",
        ("tests/restore/test_session.py",),
    ),
    Mutation(
        _SCHEMA_MAP,
        "if source in ticked and source != target}",
        "if source != target}",
        "The schema map that is sent has entries of schemas that are not selected.",
        ("tests/restore/test_request.py", "tests/restore/test_schema_map.py"),
    ),
    Mutation(
        _SCHEMA_MAP,
        'if first != name and kind != "all":',
        "if first == schema_of(name):",
        "Two tables are restored into one.",
        ("tests/restore/test_schema_map.py",),
    ),
    Mutation(
        _ONLY_MISSING,
        "{schema for schema, held in members.items() if any(key in left_out for key in held)}",
        "{schema for schema, held in members.items() if all(key in left_out for key in held)}",
        "A whole schema is restored although some of its objects exist and were to be left out.",
        ("tests/restore/test_only_missing.py",),
    ),
    Mutation(
        _ONLY_MISSING,
        "if seen.is_conflict}",
        "if seen.status is not ConflictStatus.HIDDEN}",
        "Objects that are missing, or of which nothing is known, are left out of the restore.",
        ("tests/restore/test_only_missing.py",),
    ),
)

_EXIT_CODES = (
    Mutation(
        _EXIT_STATUS,
        "_WORST_FIRST = (ExitCode.UNKNOWN, ExitCode.FAILED,",
        "_WORST_FIRST = (ExitCode.FAILED, ExitCode.UNKNOWN,",
        "An unknown outcome is hidden behind a restore that failed.",
        ("tests/restore/test_leaving.py",),
    ),
    Mutation(
        _EXIT_STATUS,
        '"Restored, with warnings": ExitCode.PARTLY',
        '"Restored, with warnings": ExitCode.SUCCESS',
        "A restore with warnings exits with 0.",
        ("tests/restore/test_leaving.py",),
    ),
    Mutation(
        _EXIT_STATUS,
        "if crashed and ExitCode.UNKNOWN not in codes:",
        "if crashed:",
        "A crash hides an unknown outcome.",
        ("tests/restore/test_leaving.py",),
    ),
    Mutation(
        _EXIT_STATUS,
        '"Outcome unknown": ExitCode.UNKNOWN',
        '"Outcome unknown": ExitCode.FAILED',
        "An unknown outcome exits like a failure.",
        ("tests/restore/test_leaving.py",),
    ),
)

MUTATIONS = (
    *_ONE_POST,
    *_DRY_RUN_FIRST,
    *_CONFIRMED_BY_A_PERSON,
    *_WITHDRAWN,
    *_NOT_SENT_IS_PROVEN,
    *_RECEIPT_FIRST,
    *_NEVER_MORE_THAN_IS_KNOWN,
    *_SECRETS,
    *_INPUT_FROM_OUTSIDE,
    *_KEYS_GO_WHERE_THEY_WERE_MEANT,
    *_WHAT_IS_RESTORED,
    *_EXIT_CODES,
)
