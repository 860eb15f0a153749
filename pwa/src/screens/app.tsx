// Which screen is shown. Hash routes: every link works without the network and under any sub-path.
import { Redirect, Route, Router, Switch } from "wouter-preact";
import { useHashLocation } from "wouter-preact/use-hash-location";
import { open, opening } from "../app";
import { late } from "../late";
import { Arrival } from "../parts/arrival";
import { Band } from "../parts/band";
import { Newer, Opening } from "../parts/closed";
import { Notices } from "../parts/notices";
import { practising } from "../practice/standing";
import { FarmerPage } from "./farmer";
import { Find } from "./find";
import { Home } from "./home";
import { PlotPage } from "./plot";
import { RecordPage } from "./record";
import { SignIn } from "./signin";
import { SyncPage } from "./sync";

const Boundary = late(async () => (await import("./boundary")).Boundary);
const Edit = late(async () => (await import("./edit")).Edit);
const Help = late(async () => (await import("./help")).Help);
const Tour = late(async () => (await import("./tour")).Tour);
const Enrol = late(async () => (await import("./enrol")).Enrol);

export function App({ begin }: { begin: () => Promise<void> }) {
  if (opening.value === "newer") return <Newer />;
  if (open.value === undefined) return <Opening />;
  if (open.value === null) return <Outside begin={begin} />;
  return (
    <Router hook={useHashLocation}>
      <Arrival />
      {practising.value && <Band begin={begin} />}
      <Switch>
        <Route path="/" component={Home} />
        <Route path="/find/:type?" component={Find} />
        <Route path="/farmer/:id">{({ id }) => <FarmerPage id={id} />}</Route>
        <Route path="/plot/:id">{({ id }) => <PlotPage id={id} />}</Route>
        <Route path="/record/:id">{({ id }) => <RecordPage id={id} />}</Route>
        <Route path="/edit/:type/:id">{({ type, id }) => <Edit type={type} id={id} key={id} />}</Route>
        <Route path="/edit/:type/:id/boundary">{({ type, id }) => <Boundary type={type} id={id} key={id} />}</Route>
        <Route path="/enrol/:code">{({ code }) => <Enrol code={code} begin={begin} key={code} />}</Route>
        <Route path="/sync">
          <SyncPage leave={begin} />
        </Route>
        <Route path="/tour">
          <Tour begin={begin} />
        </Route>
        <Route path="/help/:page?">{({ page }) => <Help page={page} begin={begin} key={page} />}</Route>
        <Route>
          <Redirect to="/" />
        </Route>
      </Switch>
      <Notices begin={begin} />
    </Router>
  );
}

/** Nobody is signed in: what helps a person along is open all the same. */
function Outside({ begin }: { begin: () => Promise<void> }) {
  return (
    <Router hook={useHashLocation}>
      <Arrival />
      <Switch>
        <Route path="/tour">
          <Tour begin={begin} />
        </Route>
        <Route path="/help/:page?">{({ page }) => <Help page={page} begin={begin} key={page} />}</Route>
        <Route>
          <SignIn done={begin} />
        </Route>
      </Switch>
    </Router>
  );
}
