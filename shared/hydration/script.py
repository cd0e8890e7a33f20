"""The script that pages carry, from ``bootstrap.js``; written by ``python -m scripts.hydration_script``."""

SCRIPT = r"""(()=>{var Y=([n,{value:t,reason:e,variation:s,version:i,errorCode:r,errorDetails:o}])=>r?{key:n,errorCode:r,errorDetails:o}:
{key:n,value:t,reason:e,variant:s,metadata:{flagVersion:i}};function C({ofrep:n,flags:t,etag:e},s){if(!n)return;
let i=n.flags??Object.entries(t??{}).map(Y);return{id:s,bulk:{...n,flags:i},etag:e??"",atMs:Date.now(),source:"\
page"}}var d=({bulk:n})=>String(n.metadata?.version??"0-0");function T(n,t){let[e=0,s=0]=n.split("-").map(Number),
[i=0,r=0]=t.split("-").map(Number);return e-i||s-r}var S=(n,t)=>T(d(n),d(t)),U=()=>globalThis.navigator.onLine===
!1;function k(n,t){if(!n||!t)return n??t;let e=S(t,n);return e>0||e===0&&U()?t:n}function x(n){let{level:t=0,age:e=0}=n.
bulk.metadata??{};return{version:d(n),level:n.source==="kept"||U()?3:t,age:e+Math.max(0,Math.round((Date.now()-
n.atMs)/1e3)),source:n.source}}function p(n){return Array.isArray(n)?`[${n.map(p).join()}]`:!n||typeof n!="object"?JSON.stringify(n)??"null":
`{${Object.keys(n).sort().map(e=>`${JSON.stringify(e)}:${p(n[e])}`).join()}}`}var Z=[2166136261,2654435761,2246822519,
3266489917],tt=[16777619,2654435761,2246822507,3266489909];function b(n){let t=[...Z];for(let e=0;e<n.length;e++){
let s=n.charCodeAt(e);for(let i=0;i<t.length;i++){let r=Math.imul(t[i]^s,tt[i]);t[i]=r^r>>>15}}return t.map(e=>(e>>>
0).toString(16).padStart(8,"0")).join("")}function P({headers:n},t){return/^bearer (.*)$/i.exec(n.get("Authori\
zation")??"")?.[1].trim()??n.get("X-API-Key")??t.searchParams.get("key")??""}function J(n){try{let t=atob(n.split(
".")[1].replace(/-/g,"+").replace(/_/g,"/"));return JSON.parse(new TextDecoder().decode(Uint8Array.from(t,e=>e.
charCodeAt(0)))).context}catch{return n}}function M(n){let t=n?.targetingKey;return(typeof t=="string"||Number.
isInteger(t))&&String(t)||void 0}var et="flaghoist:events:",nt=25e4,I=1e3,H=100,B=16e3,D=5e3,st=6e4,O=class{constructor(t,e){this.e=t,this.l=e,
this.c=et+b(e),this.t=[],this.r=0,this.o=void 0,this.n=0,this.flush=this.flush.bind(this)}put(t){let e={id:it(),
...t,at:Date.now(),source:"web"};JSON.stringify(e).length>B||(this.t=[...this.t.slice(1-I),e],this.t.length>=H&&
!this.n?this.flush():this.u())}flush(){var t;return this[t="o"]??(this[t]=this.x().finally(()=>this.o=void 0)),
this.o}leave(){for(;this.t.length&&!j();){let t=this.f();if(this.n||globalThis.navigator.onLine===!1||!this.O(
t))return this.w();this.d(t)}}comeBack(){try{let t=this.g();if(!t.length)return;globalThis.localStorage.removeItem(
this.c),this.t=[...t,...this.t].slice(-I),this.u()}catch{}}u(){var t;this.o||this[t="r"]||(this[t]=globalThis.
setTimeout(this.flush,D))}async x(){if(globalThis.clearTimeout(this.r),this.r=0,j())return globalThis.document.
addEventListener("prerenderingchange",this.flush,{once:!0});for(;this.t.length;){let t=this.f(),e=await this.v(
t);if(this.n=e?this.n+1:0,e){this.r=globalThis.setTimeout(this.flush,e);return}this.d(t)}}async v(t){let e=0;try{
let i={"Content-Type":"text/plain;charset=UTF-8"},r=await this.e(this.l,{method:"POST",headers:i,body:V(t),keepalive:!0});
if(r.status!==429&&r.status<500)return 0;e=Number(r.headers.get("Retry-After"))||0}catch{}let s=Math.min(st,D*
2**this.n)*(.5+Math.random()/2);return Math.max(s,e*1e3)}f(){let t=[],e=0;for(let s of this.t.slice(0,H)){if(e+=
JSON.stringify(s).length,t.length&&e>B)break;t.push(s)}return t}d(t){this.t=this.t.filter(e=>!t.includes(e))}O(t){
try{return globalThis.navigator.sendBeacon(this.l,new Blob([V(t)],{type:"text/plain"}))}catch{return!1}}g(){return JSON.
parse(globalThis.localStorage.getItem(this.c)??"[]")}w(){try{let t=[...this.g(),...this.t].slice(-I);for(;JSON.
stringify(t).length>nt;)t=t.slice(Math.ceil(t.length/4));globalThis.localStorage.setItem(this.c,JSON.stringify(
t)),this.t=[]}catch{}}},j=()=>!!globalThis.document.prerendering,V=n=>JSON.stringify({events:n});function it(){
let{crypto:n}=globalThis;if(n.randomUUID)return n.randomUUID();let t=n.getRandomValues(new Uint8Array(16));return Array.
from(t,e=>e.toString(16).padStart(2,"0")).join("")}var R="flaghoist:kept:",rt=8,$=1e6,ot=720*36e5;function w(n){try{let t=globalThis.localStorage.getItem(R+b(n)),
e=parseInt(t,10);if(!(Date.now()-e<ot))return;let{bulk:s,etag:i}=JSON.parse(t.slice(t.indexOf(" ")));return Array.
isArray(s.flags)?{id:n,bulk:s,etag:i,atMs:e,source:"kept"}:void 0}catch{return}}function K({id:n,bulk:t,etag:e,
atMs:s}){try{let i=R+b(n),r=`${s} ${JSON.stringify({bulk:t,etag:e})}`;if(r.length>$)return;at(i,r.length),globalThis.
localStorage.setItem(i,r)}catch{}}function at(n,t){let e=globalThis.localStorage,i=Object.keys(e).filter(o=>o.
startsWith(R)&&o!==n).map(o=>[o,e.getItem(o)??""]);i.sort(([,o],[,a])=>parseInt(a,10)-parseInt(o,10));let r=$-
t;i.forEach(([o,a],c)=>{r-=a.length,(r<0||c>=rt-1)&&e.removeItem(o)})}var v=class{constructor(t,e){this.id=t,this.inlined=e,this.h(void 0)}get current(){return this.p||this.h(k(this.
inlined,w(this.id))),this.p}get version(){return this.current&&d(this.current)}get standing(){return this.current&&
x(this.current)}details(t){return this.current&&this.A.get(t)}keep(t){let e=w(t.id);(!e||S(t,e)>=0)&&K(t),t.id===
this.id&&(!this.current||S(t,this.current)>=0)&&this.h(t)}last(t){return k(t===this.id?this.inlined:void 0,w(t))}h(t){
this.p=t,this.A=new Map(t?.bulk.flags.map(e=>[e.key,e]))}};var L="flagConfigEtag",W=/^\d+-\d+$/,A=class{constructor(){this.s=new Map}wanted(t,e){let s=e.searchParams.get(
L),i=this.s.get(t);return W.test(s)&&(!i||T(s,i)>0)&&this.s.set(t,s),this.s.get(t)}shown(t,e){let s=this.s.get(
t);s&&W.test(e)&&T(e,s)>=0&&this.s.delete(t)}};function G(n,t,e){let s=new URL(n.url);if(s.searchParams.get(L)===
e)return;s.searchParams.set(L,e);let{method:i,headers:r,signal:o,mode:a,credentials:c,cache:u,redirect:f,referrer:m,
referrerPolicy:y,keepalive:_}=n;return new Request(s,{method:i,headers:r,body:t,signal:o,mode:a,credentials:c,
cache:u,redirect:f,referrer:m,referrerPolicy:y,keepalive:_})}var E=class{constructor(t,e,s){this.e=t,this.m=e,this.i=s,this.b=new A,this.y=!1,this.version=void 0}async fetch(t,e){
let s=await this.E(t,e);if(!s)return this.e(t,e);let i=this.N(s);if(i)return i;try{let r=await(s.fenced?this.e(
s.fenced):this.e(t,e));return this.b.shown(s.key,r.headers.get("Flaghoist-Version")),await this._(s,r),ct(r.status)&&
this.T(s)||r}catch(r){let o=ht(s.signal)?void 0:this.T(s);if(o)return o;throw r}}async E(t,e){try{let s=new Request(
t instanceof Request?t.clone():t,e),i=new URL(s.url);if(s.method!=="POST"||i.origin+i.pathname!==this.m)return;
let r=await s.text(),o=JSON.parse(r),a=s.headers.get("Flaghoist-Context")??o.signedContext,c=a?J(a):o.context??
{},u=P(s,i),f=this.b.wanted(u,i);return{id:F(this.m,u,c),key:u,ifNoneMatch:s.headers.get("If-None-Match")??"",
isNewerWanted:!!f,fenced:f&&G(s,r,f),signal:e?.signal??s.signal}}catch{return}}N(t){let{current:e,id:s,inlined:i}=this.i;
if(!(!i||this.y||t.id!==s))return this.y=!0,t.isNewerWanted?void 0:this.S(e,t)}T(t){let e=this.i.last(t.id);return e&&
!X(t,e)?this.S({...e,source:"kept"},t):void 0}S(t,e){let{version:s,level:i,age:r}=x(t);this.version=s;let o={"\
Content-Type":"application/json",ETag:t.etag,"Flaghoist-Version":s,"Flaghoist-Age":String(r),"Flaghoist-Level":String(
i)};if(X(e,t))return new Response(null,{status:304,headers:o});let a={...t.bulk,metadata:{...t.bulk.metadata,level:i,
age:r}};return new Response(JSON.stringify(a),{headers:o})}async _(t,e){let s=e.headers.get("ETag")??"",i={id:t.
id,etag:s,atMs:Date.now(),source:"network"};try{if(e.status===200){let a=JSON.parse(await e.clone().text());if(!Array.
isArray(a.flags))return;this.i.keep({...i,bulk:a}),this.version=d({bulk:a})}let r=e.status===304?this.i.last(t.
id):void 0;if(!r||r.etag!==s)return;let o=Number(e.headers.get("Flaghoist-Age"))||0;this.i.keep({...i,bulk:{...r.
bulk,metadata:{...r.bulk.metadata,age:o}}})}catch{}}},F=(n,t,e)=>p([n,t,e]),X=(n,t)=>!!t.etag&&n.ifNoneMatch.includes(
t.etag),ct=n=>n===429||n>=500,ht=n=>n?.aborted&&n.reason?.name!=="TimeoutError";var lt=5e3,N=class{constructor(t){this.t=t,this.a=new Set}expose(t,e,s,i){let r=M(i),o=p([t,e,s,r]);this.a.has(
o)||(this.a.size>=lt&&this.a.clear(),this.a.add(o),this.t.put({type:"exposure",flag:t,variant:e,version:s,unit:r}))}track(t,e,{
value:s,...i}){let r=Object.fromEntries(Object.entries(i).filter(([,a])=>ut(a))),o=Number.isFinite(s)?s:void 0;
this.t.put({type:"track",name:t,unit:M(e),value:o,attributes:r})}},ut=n=>typeof n=="string"||typeof n=="boolea\
n"||Number.isFinite(n);var q="/ofrep/v1/evaluate/flags",ft="/v1/events";function dt(n){let{key:t="",context:e={},signedContext:s}=n??
{},i=(n?.baseUrl??globalThis.location.origin).replace(/\/+$/,""),r=h=>new URL(i+h,globalThis.document.baseURI).
href,o=globalThis.fetch.bind(globalThis),a=F(r(q),t,e),c=new v(a,n&&C(n,a)),u=new E(o,r(q),c),f=new O(o,`${r(ft)}\
?key=${encodeURIComponent(t)}`),m=new N(f),y=u.fetch.bind(u),_=[["X-API-Key",t],...s?[["Flaghoist-Context",s]]:
[]];return gt(c,f),{payload:n,context:e,baseUrl:i,key:t,fetch:y,providerOptions:{baseUrl:i,fetchImplementation:y,
headers:_,cacheMode:"disabled"},details:h=>c.details(h),value(h,l){let g=c.details(h)?.value;return g!==void 0&&
(l===void 0||typeof g==typeof l)?g:l},standing:()=>c.standing,used(h){let l=c.details(h)?.variant;typeof l=="s\
tring"&&m.expose(h,l,c.version,e)},hook:{after({context:h},{flagKey:l,variant:g,errorCode:Q}){typeof g!="strin\
g"||Q||m.expose(l,g,u.version??c.version,h)}},track:(h,l={})=>m.track(h,e,l),flush:f.flush}}function gt(n,t){let{
document:e}=globalThis;globalThis.addEventListener("pagehide",()=>t.leave()),e.addEventListener("visibilitycha\
nge",()=>e.visibilityState==="hidden"?t.leave():t.comeBack()),globalThis.setTimeout(()=>{n.inlined&&globalThis.
navigator.onLine!==!1&&n.keep(n.inlined),t.comeBack()},0)}var z=globalThis.__FLAGHOIST__;(!globalThis.Flaghoist||
globalThis.Flaghoist.payload!==z)&&(globalThis.Flaghoist=dt(z));})();
"""  # noqa: E501
